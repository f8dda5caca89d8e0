// Keys become codes, wherever the focus is. A scanner that types ("wedge") sends a code as keys one
// after the other and Enter or Tab behind it; a person types with longer pauses. Keys are kept in
// one list with the time each was pressed, and nothing is decided before Enter: a page that was busy
// for a moment still sees by those times what belongs together.
//
// ES5 only: handhelds have browsers of 2014.
(function () {
  "use strict";

  // ms. A longer pause parts a code from what stood there before. It is long, for a radio scanner may
  // falter in the middle, and the end of a code may be another code; joined to too much it is none.
  var PAUSE = 1000;
  var BURST = 100;   // ms: within so long after a key the next one is of the same burst
  var QUICK = 35;    // ms between most keys: scanners need about 1, the slow ones 20; people over 50
  var LEAST = 3;     // keys: fewer say nothing about who typed them
  var UNKNOWN = "\ufffd"; // stands for a key that cannot be known, so that no wrong code comes of it
  var GS = "\u001d";

  // What Windows means by Alt+0128 to Alt+0159 (code page 1252).
  var CP1252 = "\u20ac\ufffd\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\ufffd\u017d\ufffd" +
    "\ufffd\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\ufffd\u017e\u0178";

  // Digits of the keypad while Num Lock is off, by key code.
  var NAVIGATION = { 45: "0", 35: "1", 40: "2", 34: "3", 37: "4", 12: "5", 39: "6", 36: "7", 38: "8", 33: "9" };
  var MODIFIERS = { 16: 1, 17: 1, 18: 1, 20: 1, 91: 1, 92: 1, 93: 1, 144: 1, 145: 1, 225: 1 };

  function altCharacter(digits) {
    var number = parseInt(digits, 10);
    if (digits.charAt(0) !== "0" && number > 127 && number < 256) return UNKNOWN; // depends on the country
    if (number > 127 && number < 160) return CP1252.charAt(number - 128);
    return number < 65536 ? String.fromCharCode(number) : UNKNOWN;
  }

  // hooks.finished(text, typed): Enter came. hooks.changed(text, idle): what stands there without an
  // end; idle: nothing was pressed for a moment. hooks.catcher: a field that takes what comes
  // without keys, as from the input methods of handhelds; hooks.unnamed(): such a key came.
  function Keys(hooks) {
    this.hooks = hooks;
    this.list = [];     // {text, at}
    this.first = null;  // a control character that may be a code's first
    this.alt = "";
    this.ended = -1e9;  // when the last code ended
    this.pending = 0;
    this.unnamed = false;
    var self = this;
    function on(name, handle) {
      document.addEventListener(name, function (event) { handle.call(self, event); }, true);
    }
    on("keydown", this.down);
    on("keypress", this.press);
    on("keyup", this.up);
    if (hooks.catcher) {
      hooks.catcher.addEventListener("input", function (event) { if (!event.isComposing) self.caught(event); });
      hooks.catcher.addEventListener("compositionend", function (event) { self.caught(event); });
    }
  }

  Keys.prototype.text = function () {
    var text = "";
    for (var i = 0; i < this.list.length; i++) text += this.list[i].text;
    return text;
  };

  Keys.prototype.last = function () {
    return this.list.length ? this.list[this.list.length - 1].at : -1e9;
  };

  Keys.prototype.running = function (at) {
    return at - this.last() <= BURST || (this.first !== null && at - this.first.at <= BURST);
  };

  Keys.prototype.push = function (text, at) {
    if (this.first !== null) {
      if (at - this.first.at <= BURST) this.list.push(this.first);
      this.first = null;
    }
    this.list.push({ text: text, at: at });
    this.later();
  };

  // What has no end is shown after a moment; when the moment was ours, the times still tell.
  Keys.prototype.later = function () {
    var self = this;
    clearTimeout(this.pending);
    this.pending = setTimeout(function () {
      setTimeout(function () { self.hooks.changed(self.text(), true); }, 0); // keys that wait go first
    }, 400);
  };

  Keys.prototype.clear = function () {
    this.list = [];
    this.first = null;
    clearTimeout(this.pending);
    this.hooks.changed("");
  };

  Keys.prototype.back = function () {
    this.list.pop();
    this.hooks.changed(this.text());
  };

  // A key of the page's own pad.
  Keys.prototype.add = function (text) {
    this.list.push({ text: text, at: -1e8 });
    this.hooks.changed(this.text());
  };

  // Everything that stands there, as a person's.
  Keys.prototype.send = function () {
    var text = this.text();
    this.clear();
    if (text) this.hooks.finished(text, true);
  };

  // Where in the list a scanner's keys begin, -1 when a person typed the last ones.
  Keys.prototype.machine = function (at) {
    var list = this.list, from = list.length - 1, gaps = [];
    if (from < 0 || at - list[from].at > PAUSE) return -1;
    while (from > 0 && list[from].at - list[from - 1].at <= PAUSE && list[from - 1].at > 0) {
      gaps.push(list[from].at - list[from - 1].at);
      from--;
    }
    gaps.sort(function (a, b) { return a - b; });
    return gaps.length + 1 >= LEAST && gaps[gaps.length >> 1] <= QUICK ? from : -1;
  };

  Keys.prototype.finish = function (at) {
    var from = this.machine(at);
    var typed = from < 0;
    var rest = typed ? [] : this.list.slice(0, from);
    var text = "";
    for (var i = typed ? 0 : from; i < this.list.length; i++) text += this.list[i].text;
    this.list = rest;
    this.first = null;
    this.ended = at;
    clearTimeout(this.pending);
    this.hooks.changed(this.text());
    if (text) this.hooks.finished(text, typed);
  };

  Keys.prototype.down = function (event) {
    var at = event.timeStamp || Date.now();
    var code = event.keyCode || event.which || 0;
    var key = event.key;
    if (key === "Unidentified") key = undefined;
    this.unnamed = false;
    if (event.isComposing || code === 229 || (key === undefined && code === 0)) {
      if (this.hooks.catcher && document.activeElement !== this.hooks.catcher) this.hooks.unnamed();
      return; // its text comes as input
    }
    if (key === "Alt" || code === 18) {
      this.alt = "";
      return;
    }
    if (MODIFIERS[code] === 1 || key === "Shift" || key === "Control" || key === "AltGraph" || key === "CapsLock") return;

    var alternate = (event.ctrlKey && event.altKey) ||
      (typeof event.getModifierState === "function" && event.getModifierState("AltGraph"));
    if (event.altKey && !alternate) {
      var digit = code >= 96 && code <= 105 ? String(code - 96) : (event.location === 3 ? NAVIGATION[code] : undefined);
      if (digit !== undefined) {
        this.alt += digit;
        event.preventDefault();
      } else if (this.running(at)) {
        event.preventDefault();
        this.push(UNKNOWN, at);
      }
      return;
    }
    if ((event.ctrlKey || event.metaKey) && !alternate) {
      this.control(event, at, key, code);
      return;
    }
    if (code === 13 || key === "Enter" || code === 9 || key === "Tab") {
      this.end(event, at, code === 9 || key === "Tab");
      return;
    }
    if (code === 8 || code === 27) { // Backspace, Escape
      if (!this.list.length) return;
      event.preventDefault();
      if (code === 8) this.back(); else this.clear();
      return;
    }
    if (code >= 112 && code <= 135) {
      this.functionKey(event, at, code);
      return;
    }
    if (key === undefined) { // browsers that do not name keys say the character next
      this.unnamed = true;
      return;
    }
    if (key === "Dead") {
      event.preventDefault();
      this.push(UNKNOWN, at);
      return;
    }
    if (key.length !== 1 && !(key.length === 2 && key.charCodeAt(0) >= 0xd800 && key.charCodeAt(0) < 0xdc00)) {
      if (this.running(at)) event.preventDefault(); // arrows and the like in the middle of a code
      return;
    }
    // A space on a button that somebody went to with the Tab key presses it.
    if (key === " " && !this.list.length && document.activeElement && document.activeElement !== document.body &&
        document.activeElement !== this.hooks.catcher) return;
    event.preventDefault();
    if (event.repeat) return; // a key that hangs; scanners press each anew
    this.push(key, at);
  };

  Keys.prototype.press = function (event) {
    if (!this.unnamed || !event.charCode) return;
    this.unnamed = false;
    event.preventDefault();
    this.push(String.fromCharCode(event.charCode), event.timeStamp || Date.now());
  };

  Keys.prototype.up = function (event) {
    var at = event.timeStamp || Date.now();
    var code = event.keyCode || event.which || 0;
    if ((event.key === "Alt" || code === 18) && this.alt) {
      var character = altCharacter(this.alt);
      this.alt = "";
      event.preventDefault();
      if (character === "\r" || character === "\n" || character === "\t") this.finish(at);
      else if (character === GS && !this.running(at)) this.first = { text: GS, at: at };
      else this.push(character, at);
      return;
    }
    if (this.running(at) || at - this.ended <= BURST) event.preventDefault(); // presses no button
  };

  Keys.prototype.end = function (event, at, tab) {
    if (!this.list.length) {
      if (at - this.ended <= BURST) event.preventDefault(); // LF after CR
      return; // a person's: it goes on to the next button, or presses one
    }
    if (tab && this.machine(at) < 0) return;
    event.preventDefault();
    this.finish(at);
  };

  // Control characters come from scanners as Ctrl with a key; from people they are the browser's.
  Keys.prototype.control = function (event, at, key, code) {
    var name = (key !== undefined && key.length === 1 ? key : String.fromCharCode(code)).toLowerCase();
    if (code === 221 || name === "]") name = GS;
    else if (name === "^" || code === 54) name = "\u001e";
    else if (name === "d") name = "\u0004";
    else if (name === "j" || name === "m" || name === "i") {
      event.preventDefault();
      if (this.list.length) this.finish(at);
      return;
    } else name = UNKNOWN;
    if (this.running(at)) {
      event.preventDefault();
      this.push(name, at);
      return;
    }
    // Copying, loading anew and the size of the type stay a person's.
    if (name === UNKNOWN && (code === 67 || code === 82 || code === 187 || code === 189 || code === 48 || code === 107 || code === 109)) return;
    event.preventDefault();
    this.first = { text: name, at: at };
  };

  Keys.prototype.functionKey = function (event, at, code) {
    var running = this.running(at);
    if (!running && (code === 116 || code === 122 || code === 123)) return; // F5, F11, F12
    event.preventDefault();
    var text = code === 119 ? GS : UNKNOWN; // many scanners write GS as F8
    if (running) this.push(text, at);
    else this.first = { text: text, at: at };
  };

  // What came into the catching field without keys.
  Keys.prototype.caught = function (event) {
    var field = this.hooks.catcher, text = field.value, at = event.timeStamp || Date.now();
    field.value = "";
    for (var i = 0; i < text.length; i++) {
      var one = text.charAt(i);
      if (one === "\n" || one === "\r" || one === "\t") {
        if (this.list.length) this.finish(at);
      } else {
        this.push(one, at);
      }
    }
  };

  window.gatewayKeys = {
    Keys: Keys,
    UNKNOWN: UNKNOWN
  };
}());
