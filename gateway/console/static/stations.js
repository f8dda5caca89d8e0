// What is touched on the page of stations is done by the API, as any program does it; then the page
// is loaded anew, for the server writes what is seen.
//
// ES5 only; everything that comes from outside is put in as text.
(function () {
  "use strict";

  function find(id) { return document.getElementById(id); }

  function random() {
    var bytes = new Uint8Array(16), text = "", i;
    window.crypto.getRandomValues(bytes);
    for (i = 0; i < 16; i++) text += (bytes[i] + 256).toString(16).slice(1);
    return text;
  }

  // done(body) after a success; a refusal is shown.
  function ask(method, path, body, done, headers) {
    var request = new XMLHttpRequest(), name;
    find("problem").textContent = "";
    request.open(method, path, true);
    if (body) request.setRequestHeader("Content-Type", "application/json");
    for (name in headers || {}) request.setRequestHeader(name, headers[name]);
    request.onload = function () {
      var answer = null;
      try { answer = JSON.parse(request.responseText); } catch (e) { answer = null; }
      if (request.status >= 200 && request.status < 300) { done(answer); return; }
      fail((answer && answer.detail) || "The gateway answered " + request.status + ".");
    };
    request.onerror = function () { fail("The gateway does not answer."); };
    request.send(body ? JSON.stringify(body) : null);
  }

  function fail(words) {
    find("live").textContent = "";
    find("problem").textContent = words;
    find("problem").scrollIntoView();
  }

  function reload() { window.location.reload(); }

  var STATIONS = "/v1/stations/", SCANNERS = "/v1/scanners/";

  function pair(name) {
    ask("POST", STATIONS + encodeURIComponent(name) + "/pair", {}, function (offered) {
      find("pair-title").textContent = "Pair a screen with " + name;
      find("pair-url").textContent = offered.url;
      find("pair-code").textContent = offered.code;
      find("pair-loopback").hidden = !/\/\/(localhost|127\.|\[::1\])/.test(offered.url);
      find("pair-qr").src = "/stations/pair.svg?url=" +
        encodeURIComponent(offered.url + "#" + offered.code.replace(/\D/g, ""));
      find("pair-qr").alt = "QR code of the address with the digits";
      find("paired").hidden = false;
      find("paired").scrollIntoView();
    });
  }

  function print(name) {
    ask("POST", STATIONS + encodeURIComponent(name) + "/print-sheet", {}, function (job) {
      find("live").textContent = job.labels + " labels with command barcodes are printing on " + job.printer + ".";
      find("live").scrollIntoView();
    }, { "Idempotency-Key": random() });
  }

  var DO = {
    pair: function (button) { pair(button.getAttribute("data-station")); },
    print: function (button) { print(button.getAttribute("data-station")); },
    unpair: function (button) {
      ask("POST", STATIONS + encodeURIComponent(button.getAttribute("data-station")) + "/unpair", {}, reload);
    },
    release: function (button) { switchScanner(button, "release"); },
    grab: function (button) { switchScanner(button, "grab"); }
  };

  function switchScanner(button, verb) {
    ask("POST", SCANNERS + encodeURIComponent(button.getAttribute("data-scanner")) + "/" + verb, {}, reload);
  }

  // ---------------------------------------------------------------- adding

  function addStation(event) {
    var body = {}, name = find("station-name").value.replace(/^\s+|\s+$/g, "");
    event.preventDefault();
    if (find("station-title").value) body.title = find("station-title").value;
    if (find("station-location").value) body.location = find("station-location").value;
    if (find("station-printer").value) body.printer = find("station-printer").value;
    ask("PUT", STATIONS + encodeURIComponent(name), body, reload, { "If-None-Match": "*" });
  }

  function addScanner(one) {
    var body = { url: one.url, options: one.options, station: find("scanner-station").value || null };
    ask("PUT", SCANNERS + encodeURIComponent(one.name), body, reload, { "If-None-Match": "*" });
  }

  function text(name, kind, words) {
    var made = document.createElement(name);
    made.className = kind;
    made.textContent = words;
    return made;
  }

  function offer(one) {
    var row = document.createElement("li"), button = document.createElement("button");
    row.className = "says";
    row.appendChild(text("h3", "", one.title));
    row.appendChild(text("p", "detail", one.url));
    if (one.sentence) row.appendChild(text("p", "", one.sentence));
    if (one.scanner) row.appendChild(text("p", "", "It is here already: " + one.scanner + "."));
    if (one.name) {
      button.type = "button";
      button.textContent = "Add it as " + one.name;
      button.onclick = function () { addScanner(one); };
      row.appendChild(button);
    }
    return row;
  }

  function offerAll(items, none) {
    var list = find("found-scanners"), i;
    while (list.firstChild) list.removeChild(list.firstChild);
    for (i = 0; i < items.length; i++) list.appendChild(offer(items[i]));
    find("live").textContent = items.length ? "" : none;
    list.scrollIntoView();
  }

  function look() {
    find("live").textContent = "Looking …";
    ask("GET", "/v1/scanners/found", null, function (found) {
      offerAll(found.items, "No scanner was found at the gateway's computer. Is it plugged in?");
    });
  }

  function teach() {
    find("live").textContent = "Scan anything with the scanner that you want to add.";
    find("live").scrollIntoView();
    ask("POST", "/v1/scanners/teach", {}, function (found) {
      offerAll(found.items, "Nothing was scanned. Touch “Scan with the one to add” again, and scan within half a minute.");
      if (found.items.length) find("live").textContent = "This one has read " + found.text + ":";
    });
  }

  document.addEventListener("click", function (event) {
    var button = event.target, verb = button.getAttribute && button.getAttribute("data-do");
    if (verb && DO[verb]) DO[verb](button);
    else if (button.id === "find-scanners") look();
    else if (button.id === "teach-scanner") teach();
  }, false);
  find("new-station").addEventListener("submit", addStation, false);
}());
