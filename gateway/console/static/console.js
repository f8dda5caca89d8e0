/* What all screens share: what is live is fetched again, what cannot be taken back is asked for once
   more, and a scanner that types finds its field. Written in the language of the browsers of 2014;
   every page works without it. */
(function () {
  "use strict";

  var AT_LEAST = 1000;  // ms between two looks at what is live: twenty screens cost little
  var SOON = 120;       // ms: what happens together is fetched together
  var STOPS = "a[href], button, summary, input, select, textarea";
  var BURST = 60;       // ms between two keys of a scanner that types
  var SILENT_FOR = 2500;

  function all(selector, inside) { return Array.prototype.slice.call((inside || document).querySelectorAll(selector)); }

  function find(id) { return document.getElementById(id); }

  // ---------------------------------------------------------------- what is live

  var source = null, kinds = "", dirty = {}, timer = 0, last = 0, silence = 0, ticks = 0;
  var seen = 0; // the newest entry of the feed that has come

  function parts() { return all("[data-live], [data-every]").filter(function (one) { return one.id; }); }

  function wanted() {
    var found = {};
    parts().forEach(function (one) {
      (one.getAttribute("data-live") || "").split(/\s+/).forEach(function (kind) { if (kind) found[kind] = true; });
    });
    return Object.keys(found).sort();
  }

  function listen() {
    var now = wanted(), text = now.join(" "), main = find("main"), since = (main && main.getAttribute("data-seq")) || "";
    if (main) main.removeAttribute("data-seq"); // it says what the page knew when it was written
    if (document.hidden || !window.EventSource) { if (source) source.close(); source = null; kinds = ""; return; }
    if (source && text === kinds) { if (since && seen > Number(since)) refreshAll(); return; }
    if (source) source.close();
    source = null;
    kinds = text;
    if (!now.length) return;
    source = new EventSource("/v1/events?" + (since ? "after=" + since + "&" : "") + now.map(function (kind) { return "kind=" + encodeURIComponent(kind); }).join("&"));
    source.onopen = function () { clearTimeout(silence); if (!find("away").hidden) { find("away").hidden = true; refreshAll(); } };
    source.onerror = function () { clearTimeout(silence); silence = setTimeout(away, SILENT_FOR); };
    source.onmessage = function (message) {
      var type;
      seen = Math.max(seen, Number(message.lastEventId) || 0);
      try { type = JSON.parse(message.data).type; } catch (e) { return; }
      parts().forEach(function (one) {
        (one.getAttribute("data-live") || "").split(/\s+/).forEach(function (kind) {
          if (kind && (type === kind || type.indexOf(kind + ".") === 0)) dirty[one.id] = true;
        });
      });
      plan();
    };
  }

  function away() {
    find("away").hidden = false;
    if (source && source.readyState === 2) { source = null; kinds = ""; setTimeout(listen, SILENT_FOR); }
  }

  function refreshAll() { parts().forEach(function (one) { dirty[one.id] = true; }); plan(); }

  function plan() {
    if (timer || !Object.keys(dirty).length) return;
    timer = setTimeout(refresh, Math.max(SOON, last + AT_LEAST - Date.now()));
  }

  // Whether somebody has filled in or ticked something that is not sent yet.
  function begun(field) {
    var options;
    if (field.type === "hidden") return false;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
    options = all("option", field);
    if (!options.some(function (one) { return one.defaultSelected; })) return field.selectedIndex > 0;
    return options.some(function (one) { return one.selected !== one.defaultSelected; });
  }

  function busy(one) {
    var focus = document.activeElement;
    return !!(focus && one.contains(focus) && /^(INPUT|SELECT|TEXTAREA)$/.test(focus.tagName)) ||
      all("input, select, textarea", one).some(begun);
  }

  // Whoever answers a question has the form it is about under it: nothing is replaced meanwhile.
  function asking() { var box = find("sure"); return !!(box && box.open); }

  function refresh() {
    var request = new XMLHttpRequest(), ids = Object.keys(dirty), where = location.href;
    if (asking()) { timer = setTimeout(refresh, AT_LEAST); return; }
    timer = 0;
    last = Date.now();
    dirty = {};
    request.open("GET", where);
    request.setRequestHeader("x-part", "1");
    request.onload = function () {
      var page;
      if (request.status >= 400 || where !== location.href) return;
      page = new DOMParser().parseFromString(request.responseText, "text/html");
      ids.forEach(function (id) {
        var old = find(id), fresh = page.getElementById(id), open, focus, place, now;
        if (!old || !fresh) return;
        if (asking() || busy(old)) { dirty[id] = true; return; }
        open = all("details[open][id]", old).map(function (one) { return one.id; });
        // Who is at a button by the keyboard stays there, though it is another one now.
        place = all(STOPS, old).indexOf(document.activeElement);
        focus = place < 0 ? "" : document.activeElement.id;
        old.parentNode.replaceChild(document.importNode(fresh, true), old);
        open.forEach(function (one) { if (find(one)) find(one).open = true; });
        now = (focus && find(focus)) || (place >= 0 && all(STOPS, find(id))[place]);
        if (now) now.focus();
        if (window.htmx) window.htmx.process(find(id));
      });
      listen();
      if (Object.keys(dirty).length) plan();
    };
    request.onerror = function () { ids.forEach(function (id) { dirty[id] = true; }); setTimeout(plan, SILENT_FOR); };
    request.send();
  }

  setInterval(function () {
    if (document.hidden) return;
    ticks += 1;
    all("[data-every]").forEach(function (one) {
      if (one.id && ticks % Math.max(1, Number(one.getAttribute("data-every"))) === 0) dirty[one.id] = true;
    });
    plan();
  }, 1000);

  document.addEventListener("visibilitychange", function () { listen(); if (!document.hidden) refreshAll(); }, false);

  // ---------------------------------------------------------------- what cannot be taken back

  var sure = null; // the form, or the button, that was answered with yes

  document.addEventListener("submit", function (event) {
    var form = event.target, button = event.submitter || form.querySelector("button:focus");
    var question = (button && button.getAttribute("data-sure")) || form.getAttribute("data-sure");
    if (!question || sure === form) { sure = null; return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    askFirst(question, function () {
      sure = form;
      if (button && form.requestSubmit) form.requestSubmit(button);
      else if (button) button.click();
      else form.submit();
    });
  }, true);

  function askFirst(question, then) {
    var box = find("sure");
    if (!box || !box.showModal) { if (window.confirm(question)) then(); return; }
    find("sure-question").textContent = question;
    find("sure-yes").textContent = document.body.getAttribute("data-sure");
    find("sure-no").textContent = document.body.getAttribute("data-not-sure");
    box.returnValue = "no";
    box.onclose = function () { if (box.returnValue === "yes") then(); };
    box.showModal();
  }

  // ---------------------------------------------------------------- keys

  var before = 0, typed = "";

  function takesKeys(one) { return one && (/^(INPUT|SELECT|TEXTAREA)$/.test(one.tagName) || one.isContentEditable); }

  document.addEventListener("keydown", function (event) {
    var field = document.querySelector("[data-scans]") || find("find"), now = event.timeStamp || Date.now(), quick = now - before < BURST;
    if (/^(Shift|CapsLock|AltGraph|Dead|Unidentified)$/.test(event.key)) return; // a scanner presses Shift for each capital
    if (takesKeys(document.activeElement) || event.ctrlKey || event.altKey || event.metaKey) { typed = ""; return; }
    if (event.key === "/" && !quick) { event.preventDefault(); find("find").focus(); return; }
    before = now;
    if (event.key && event.key.length === 1) {
      typed = quick ? typed + event.key : event.key;
      // Two keys in such haste are no person's: the rest of the code goes where codes go.
      if (typed.length >= 3 && field) { event.preventDefault(); field.focus(); field.value = typed; typed = ""; }
    } else if (event.key === "Enter" && quick && typed.length > 1 && field && field.form) {
      event.preventDefault(); // a code as short as D4
      field.value = typed;
      typed = "";
      if (field.form.requestSubmit) field.form.requestSubmit(); else field.form.submit();
    } else typed = "";
  }, false);

  document.addEventListener("change", function (event) {
    var box = event.target, form;
    if (!box.hasAttribute || !box.hasAttribute("data-all")) return;
    form = box.form;
    all("input[name='" + (box.getAttribute("data-all") || "_ids") + "']").forEach(function (one) { if (one.form === form) one.checked = box.checked; });
  }, false);

  // ---------------------------------------------------------------- pages that come without a reload

  document.addEventListener("htmx:beforeSwap", function (event) {
    var detail = event.detail, text = detail.serverResponse || "";
    if (text.indexOf("data-where=") < 0 && /<html/i.test(text)) { // a page of another kind: a station, the editor
      detail.shouldSwap = false;
      location.href = detail.xhr.responseURL || detail.pathInfo.requestPath;
      return;
    }
    if (detail.xhr.status >= 400 && /<html/i.test(text)) { detail.shouldSwap = true; detail.isError = false; }
  }, false);

  document.addEventListener("htmx:sendError", function () { find("away").hidden = false; }, false);

  document.addEventListener("htmx:afterSettle", function (event) {
    var note = document.querySelector("#said .note");
    if (event.target && event.target.tagName === "DATALIST") return; // a field's offers came, and no page
    listen();
    if (note && note.scrollIntoView) note.scrollIntoView({ block: "nearest" });
  }, false);

  listen();
}());
