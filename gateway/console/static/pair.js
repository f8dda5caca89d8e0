// Eight digits, by touch or by keys; the answer sets the cookie by which this browser is known.
// ES5 only.
(function () {
  "use strict";

  var digits = "", busy = false;

  function find(id) { return document.getElementById(id); }

  function show() {
    var padded = (digits + "________").slice(0, 8);
    find("digits").textContent = padded.slice(0, 4) + " " + padded.slice(4);
  }

  function send() {
    var request = new XMLHttpRequest();
    if (busy || digits.length !== 8) return;
    busy = true;
    find("problem").textContent = "";
    request.open("POST", "/v1/pair", true);
    request.setRequestHeader("Content-Type", "application/json");
    request.onload = function () {
      var answer = {};
      try { answer = JSON.parse(request.responseText); } catch (e) { /* a proxy's page */ }
      if (request.status === 200 && answer.station) {
        window.location.href = "/station/" + encodeURIComponent(answer.station);
        return;
      }
      fail(answer.detail || find("problem").getAttribute("data-refused"));
    };
    request.onerror = function () { fail(find("problem").getAttribute("data-silent")); };
    request.send(JSON.stringify({ code: digits }));
  }

  function fail(words) {
    busy = false;
    digits = "";
    show();
    find("problem").textContent = words;
  }

  function press(key) {
    if (busy) return;
    if (key === "back") digits = digits.slice(0, -1);
    else if (key === "send") { send(); return; }
    else if (digits.length < 8) digits += key;
    show();
    if (digits.length === 8) send();
  }

  document.addEventListener("click", function (event) {
    var key = event.target.getAttribute && event.target.getAttribute("data-key");
    if (key) press(key);
  }, false);
  document.addEventListener("keydown", function (event) {
    var code = event.keyCode;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (code >= 48 && code <= 57 && !event.shiftKey) press(String(code - 48));
    else if (code >= 96 && code <= 105) press(String(code - 96));
    else if (code === 8) { event.preventDefault(); press("back"); }
  }, false);
  // The QR code of the gateway's page brings its digits along, behind the #: no server sees them.
  digits = (window.location.hash.match(/^#(\d{8})$/) || ["", ""])[1];
  show();
  if (digits) send();
}());
