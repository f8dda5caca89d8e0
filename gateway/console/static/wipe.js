// Two versions of a label over each other: a slider shows more of the one or of the other. Without
// this script both pictures stand side by side.
//
// ES5 only: handhelds have browsers of 2014.
(function () {
  "use strict";

  function start(box) {
    var over = box.querySelector(".over"), under = box.querySelector(".under");
    var slider = box.querySelector("input");
    if (box.getAttribute("data-started") || !("clipPath" in over.style || "webkitClipPath" in over.style)) return;
    box.setAttribute("data-started", "1");

    function clip(picture, inset) {
      picture.style.webkitClipPath = inset;
      picture.style.clipPath = inset;
    }

    // What comes is left of the slider's place, what was is right of it; labels of two sizes lie with
    // their top left corners together, dot on dot.
    function wipe() {
      var before = over.naturalWidth, after = under.naturalWidth, width = Math.max(before, after);
      slider.defaultValue = slider.value; // it is no form: what is live may be fetched again
      if (!before || !after) return;
      over.style.width = 100 * before / width + "%";
      under.style.width = 100 * after / width + "%";
      over.parentNode.style.maxWidth = width + "px";
      clip(over, "inset(0 0 0 " + Math.min(100, slider.value * width / before) + "%)");
      clip(under, "inset(0 " + Math.max(0, 100 - slider.value * width / after) + "% 0 0)");
    }

    slider.addEventListener("input", wipe);
    slider.addEventListener("change", wipe);
    over.addEventListener("load", wipe);
    under.addEventListener("load", wipe);
    box.hidden = false;
    wipe();
  }

  function look() {
    var boxes = document.querySelectorAll("[data-wipe]");
    for (var i = 0; i < boxes.length; i++) start(boxes[i]);
  }

  look();
  if (!window.wiping) {
    window.wiping = true;
    if (window.MutationObserver) new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  }
})();
