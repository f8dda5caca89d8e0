/* A field into which a scanner types one code after the other: each is sent by itself, in the order
   in which they came, while the next is being scanned; none is lost and the page stays where it is.
   Without this script the same form is sent, and the page comes back with its field ready. */
(function () {
  "use strict";

  if (window.gatewayScanning) return;
  window.gatewayScanning = true;

  var AGAIN_AFTER = 2500; // ms until a gateway that did not answer is asked once more
  var KEPT = 12;          // what was said last

  var waiting = [], sending = false;

  function all(selector, inside) { return Array.prototype.slice.call((inside || document).querySelectorAll(selector)); }

  function encode(form, field, value) {
    return all("input[name], select[name]", form).filter(function (one) {
      return !one.disabled && (one.type !== "checkbox" || one.checked);
    }).map(function (one) {
      return encodeURIComponent(one.name) + "=" + encodeURIComponent(one === field ? value : one.value);
    }).join("&");
  }

  document.addEventListener("submit", function (event) {
    var form = event.target, field;
    if (!form.hasAttribute || !form.hasAttribute("data-queue")) return;
    field = form.querySelector("[data-scans]");
    if (!field) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!form.checkValidity || form.checkValidity()) {
      if (field.value.trim()) waiting.push({ to: form.action, body: encode(form, field, field.value), code: field.value.trim() });
      field.value = "";
      field.focus();
      next();
    }
  }, true);

  function next() {
    var one, request;
    if (sending || !waiting.length) return;
    sending = true;
    one = waiting[0];
    request = new XMLHttpRequest();
    request.open("POST", one.to);
    request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    request.onload = function () {
      var page = new DOMParser().parseFromString(request.responseText, "text/html");
      waiting.shift();
      sending = false;
      say(one.code, page.querySelector("#said .note"), request.status);
      renew(page);
      next();
    };
    request.onerror = function () {
      var away = document.getElementById("away");
      sending = false;
      if (away) away.hidden = false;
      setTimeout(next, AGAIN_AFTER);
    };
    request.send(one.body);
  }

  function say(code, note, status) {
    var list = document.querySelector(".scanned"), item, bold;
    if (!list) return;
    item = document.createElement("li");
    item.className = "note " + (note ? note.className.replace("note", "").trim() : status >= 400 ? "refused" : "done");
    bold = document.createElement("b");
    bold.textContent = code + " ";
    item.appendChild(bold);
    if (note) {
      all(".sentence, li", note).forEach(function (one) { item.appendChild(document.createTextNode(one.textContent + " ")); });
    }
    list.insertBefore(item, list.firstChild);
    while (list.children.length > KEPT) list.removeChild(list.lastChild);
  }

  function begun(one) { // somebody has begun to fill it in
    if (one.type === "checkbox" || one.type === "radio") return one.checked !== one.defaultChecked;
    if (one.tagName === "SELECT") return all("option", one).some(function (choice) { return choice.defaultSelected && !choice.selected; });
    return one.type !== "hidden" && one.value !== one.defaultValue;
  }

  function renew(page) {
    all("[data-live]").forEach(function (old) {
      var fresh = old.id && page.getElementById(old.id);
      if (!fresh || old.contains(document.activeElement) || all("input, select, textarea", old).some(begun)) return;
      fresh = document.importNode(fresh, true);
      old.parentNode.replaceChild(fresh, old);
      if (window.htmx) window.htmx.process(fresh);
    });
  }
}());
