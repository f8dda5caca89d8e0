// What a scanner types into a field, key by key: a field's text shows what the computer made of the
// keys, and not which they were. Written for browsers of 2014; without it the text alone is sent.
(function () {
  "use strict";

  if (window.gatewayTyped) { window.gatewayTyped(); return; } // the page came without a reload

  var PAUSE = 1000; // ms: a longer pause parts a code from what was typed before it
  var BURST = 60;   // ms between two keys of a scanner: Tab behind such a burst is its end
  var MOST = 5000;
  var GS = "\u001d";

  var keys = [], text = "", before = 0, quick = 0, alt = "";
  var whole = true; // nothing stood in the field before the first of these keys

  function field() { return document.querySelector("[data-typed]"); }

  function mine(event) { return field() && event.target === field(); }

  // What is typed while nothing has the keys is the field's, from the first key on.
  function take(event) {
    var has = document.activeElement;
    if (!field() || (has && has !== document.body) || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Shift" || (event.key && event.key.length === 1 && event.key !== " ")) field().focus();
  }

  function begin() { keys = []; text = ""; quick = 0; alt = ""; }

  function put(form, known) {
    form.elements.keys.value = known ? keys.join("") : "";
    form.elements.typed.value = known ? text : field().value;
    begin();
  }

  function send() {
    var form = field().form;
    if (document.querySelector("form.htmx-request")) { // something is asked already: its answer is waited for
      begin();
      field().value = "";
      return;
    }
    put(form, whole);
    if (form.requestSubmit) form.requestSubmit(); else form.submit();
  }

  document.addEventListener("keydown", function (event) {
    var now = event.timeStamp || Date.now(), key = event.key || "", end;
    take(event);
    if (document.activeElement !== field()) return;
    if (now - before > PAUSE) begin();
    if (!keys.length) whole = field().value === "";
    if (now - before <= BURST) quick += 1;
    before = now;
    if (!event.repeat && event.code && keys.length < MOST) keys.push(event.code + "+");
    if (event.ctrlKey && !event.altKey && (key === "]" || event.keyCode === 221)) { text += GS; event.preventDefault(); return; }
    if (key === "F8") { text += GS; event.preventDefault(); return; }
    if (event.altKey && /^[0-9]$/.test(key)) { alt += key; event.preventDefault(); return; }
    if (event.ctrlKey || event.metaKey) { if (quick > 2) event.preventDefault(); return; }
    end = key === "Enter" || (key === "Tab" && quick > 2);
    if (end) {
      event.preventDefault();
      text += key === "Tab" ? "\t" : "\r";
      // The key comes up a moment later; whoever listens to the keys takes it as pressed.
      keys.push(event.code + "-");
      send();
      return;
    }
    if (key.length === 1) text += key;
    else if (key === "Backspace") text = text.slice(0, -1);
  }, true);

  document.addEventListener("keyup", function (event) {
    if (!mine(event)) return;
    if (keys.length && keys.length < MOST && event.code) keys.push(event.code + "-");
    if ((event.key === "Alt" || event.keyCode === 18) && alt) {
      text += String.fromCharCode(parseInt(alt, 10) % 65536);
      alt = "";
    }
  }, true);

  document.addEventListener("paste", function (event) { if (mine(event)) begin(); }, true);

  document.addEventListener("submit", function (event) {
    var one = field(), form = event.target;
    // Sent by its button: what stands in the field counts, if the keys were not those.
    if (!one || one.form !== form || form.elements.typed.value) return;
    put(form, whole && text !== "" && text === one.value);
  }, true);

  function focus() { if (field() && field().hasAttribute("autofocus")) field().focus(); }
  document.addEventListener("htmx:afterSettle", focus, false);
  window.gatewayTyped = focus;
  focus();
}());
