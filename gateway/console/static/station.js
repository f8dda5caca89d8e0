// A station's page, live. It works without this script; with it scans need no click, what happens
// elsewhere is seen at once, and nothing is lost while the gateway is away.
//
//   keys, touch ──► kept in this browser, numbered ──► POST /v1/scans, one after the other ──► shown
//   feed (WebSocket, else server-sent events, else asking) ──► shown; then the view is read anew
//
// A scan is named by the page that heard it and its number there, so sending it again does nothing
// twice. What was never sent is not sent by itself after the gateway was away: a person decides.
//
// ES5 only; everything that comes from outside is put in as text or as nodes that the server wrote.
(function () {
  "use strict";

  var ANSWERS_WITHIN = 10000; // ms
  var LOOKS_EVERY = 1000;     // while the gateway is away
  var POLLS_EVERY = 2000;     // where neither socket nor stream can be had
  var CHECKS_EVERY = 10000;   // that a silent connection is one; and how the printer is
  var FORGOTTEN_AFTER = 30000; // older than this a person decides, not the page
  var DEAD_AFTER = 6000;      // a page that has said nothing for so long is none

  var WORDS = { done: "Done", look: "Look", refused: "Refused", asked: "Question" };

  var ONLY_HERE = "This browser keeps nothing: it is lost when this page is closed or loaded anew.";

  function find(id) { return document.getElementById(id); }

  var station = document.body.getAttribute("data-station");
  var source = "page-" + random();
  var sequence = 0;

  function random() {
    var text = "", i, bytes;
    if (window.crypto && window.crypto.getRandomValues) {
      bytes = new Uint8Array(16);
      window.crypto.getRandomValues(bytes);
      for (i = 0; i < 16; i++) text += (bytes[i] + 256).toString(16).slice(1);
      return text;
    }
    for (i = 0; i < 4; i++) text += Math.floor((1 + Math.random()) * 0x100000000).toString(16).slice(1);
    return text;
  }

  // ---------------------------------------------------------------- what this browser keeps

  var QUEUE = "gateway-scans:" + station + ":";
  var ALIVE = "gateway-alive:";

  function read(key) { try { return window.localStorage.getItem(key); } catch (e) { return null; } }
  function write(key, value) { try { window.localStorage.setItem(key, value); return true; } catch (e) { return false; } }
  function forget(key) { try { window.localStorage.removeItem(key); } catch (e) { /* none was kept */ } }

  // Oldest first. {source, sequence, code, typed, at, tried, kept}; a secret one is kept nowhere.
  var queue = [];
  var lasts = true; // whether it outlasts this page: a browser may keep nothing, or have no room

  function save() {
    var lasting = [];
    keepBehind();
    for (var i = 0; i < queue.length; i++) if (!queue[i].secret) lasting.push(queue[i]);
    if (lasting.length) lasts = write(QUEUE + source, JSON.stringify(lasting));
    else forget(QUEUE + source);
    return lasts;
  }

  // What stands behind a scan that is kept is kept, too, or it would be done before it.
  function keepBehind() {
    var kept = false, i;
    for (i = 0; i < queue.length; i++) {
      kept = queue[i].kept = kept || queue[i].kept;
      if (kept && queue[i].secret) queue.splice(i--, 1);
    }
  }

  function keysOf(prefix) {
    var found = [], i, key;
    try {
      for (i = 0; i < window.localStorage.length; i++) {
        key = window.localStorage.key(i);
        if (key.indexOf(prefix) === 0) found.push(key);
      }
    } catch (e) { /* none was kept */ }
    return found;
  }

  // Scans of pages that are gone: this one before it was loaded anew, or one whose browser ended.
  // They keep their names, so that two pages which take the same do no harm. `late`: this page has
  // been scanned at meanwhile, so what another had not sent is out of its turn.
  function adopt(late) {
    var names = keysOf(QUEUE), found = 0, i, j, owner, alive, left;
    for (i = 0; i < names.length; i++) {
      owner = names[i].slice(QUEUE.length);
      if (owner === source) continue;
      alive = Number(read(ALIVE + owner));
      if (alive && Math.abs(Date.now() - alive) < DEAD_AFTER) continue;
      try { left = JSON.parse(read(names[i])) || []; } catch (e) { left = []; }
      for (j = 0; j < left.length; j++) {
        if (isQueued(left[j])) continue;
        if ((late && !left[j].tried) || Math.abs(Date.now() - left[j].at) > FORGOTTEN_AFTER) left[j].kept = true;
        queue.push(left[j]);
        found++;
      }
      queue.sort(function (a, b) { return a.at - b.at || a.sequence - b.sequence; });
      if (!save()) continue; // theirs is the only copy that lasts
      forget(names[i]);
      forget(ALIVE + owner);
    }
    names = keysOf(ALIVE); // of browsers that ended without a word, long ago
    for (i = 0; i < names.length; i++) {
      if (Math.abs(Date.now() - Number(read(names[i]))) > 86400000) forget(names[i]);
    }
    return found;
  }

  function isQueued(one) {
    for (var i = 0; i < queue.length; i++) {
      if (queue[i].source === one.source && queue[i].sequence === one.sequence) return true;
    }
    return false;
  }

  function breathe() { write(ALIVE + source, String(Date.now())); }

  // ---------------------------------------------------------------- asking the gateway

  // done(status, body): 0 when nothing answered. Bodies are objects, or documents.
  function ask(method, path, body, done, document_) {
    var request = new XMLHttpRequest(), ended = false;
    function end(status) {
      var value = null;
      if (ended) return;
      ended = true;
      if (document_) value = status ? request.response : null;
      else { try { value = JSON.parse(request.responseText); } catch (e) { value = null; } }
      done(status, value, request);
    }
    request.open(method, path, true);
    request.timeout = ANSWERS_WITHIN;
    if (document_) request.responseType = "document";
    if (body) request.setRequestHeader("Content-Type", "application/json");
    request.onload = function () { end(request.status); };
    request.onerror = request.ontimeout = request.onabort = function () { end(0); };
    request.send(body ? JSON.stringify(body) : null);
  }

  // What a proxy says for a gateway that is away is as good as silence.
  function isSilence(status) { return status === 0 || status === 502 || status === 504; }

  var path = "/v1/stations/" + encodeURIComponent(station);
  var away = false;
  var sending = false;
  var mode = "";
  var secret = false;

  // ---------------------------------------------------------------- scans

  // Everything a person does comes here: a code, from keys, from touch or from the key pad.
  function scan(code, typed) {
    var hidden = secret, one;
    if (code.indexOf(window.gatewayKeys.UNKNOWN) >= 0) {
      tell("refused", "A key of this scan could not be read, so nothing was done.",
        "Scan it again. If it stays so, set the scanner and this computer to the same keyboard language.");
      return;
    }
    if (hidden && (away || anyKept())) {
      if (away) tell("refused", "The gateway does not answer, and a PIN is not kept.", "Wait until it answers.");
      else tell("refused", "First decide about the scans that are kept.", "A PIN is not kept with them.");
      return;
    }
    one = { source: source, sequence: ++sequence, code: code, typed: !!typed, at: Date.now(), tried: false, kept: false };
    if (hidden) one.secret = true;
    if (away || anyKept()) one.kept = true;
    queue.push(one);
    save();
    if (one.kept) {
      if (away) tell("wait", "Not yet checked: " + code, (lasts ? "It is kept here." : ONLY_HERE) + " Nothing is booked.");
      else tell("asked", "First decide about the scans that are kept.", code + " is kept with them.");
      listKept();
    } else {
      pump();
    }
  }

  function anyKept() {
    for (var i = 0; i < queue.length; i++) if (queue[i].kept) return true;
    return false;
  }

  var notTaken = 0; // since when the gateway answers that it cannot take a scan
  var retry = 0;

  function pump() {
    var one = queue[0], body;
    if (sending || away || !one || one.kept) return;
    sending = true;
    one.tried = true;
    save();
    rest();
    body = { code: one.code, station: station, source: one.source, sequence: one.sequence };
    if (one.typed) body.typed = true;
    ask("POST", "/v1/scans", body, function (status, answer, request) {
      sending = false;
      if (isSilence(status)) {
        goAway();
        return;
      }
      if (status === 429 || status >= 500) {
        notYet(answer, Number(request.getResponseHeader("Retry-After")) || 1);
        return;
      }
      notTaken = 0;
      if (status === 200 && answer && answer.outcome) {
        drop(one);
        hear(answer);
        if (one.batch && (answer.outcome === "refused" || answer.outcome === "asked")) keepAll();
      } else if (status === 401 || status === 403) {
        // Nothing is wrong with the scan: it waits until this screen may scan again.
        keepAll();
        tell("refused", (answer && answer.detail) || "The gateway does not know this screen.", "This screen must be paired again.");
        refresh();
      } else {
        drop(one);
        tell("refused", (answer && answer.detail) || "The gateway refused the scan.", "");
        if (one.batch) keepAll();
      }
      pump();
      rest();
    });
  }

  function notYet(answer, seconds) {
    var why = (answer && answer.detail) || "The gateway could not take the scan yet.";
    notTaken = notTaken || Date.now();
    clearTimeout(retry);
    if (Math.abs(Date.now() - notTaken) > FORGOTTEN_AFTER) {
      notTaken = 0;
      keepAll();
      tell("asked", "Decide about the scans that are kept here.", why);
    } else {
      tell("look", why, "It is sent again by itself.");
      retry = setTimeout(pump, 1000 * Math.min(5, seconds));
    }
  }

  function drop(one) {
    for (var i = 0; i < queue.length; i++) {
      if (queue[i] === one) { queue.splice(i, 1); break; }
    }
    save();
    listKept();
  }

  // A person decides about all that waits: behind a scan that went wrong it may mean something else.
  function keepAll() {
    for (var i = 0; i < queue.length; i++) { queue[i].kept = true; queue[i].batch = false; }
    save();
    listKept();
  }

  // ---------------------------------------------------------------- away and back

  function goAway() {
    var i;
    if (away) return;
    away = true;
    for (i = 0; i < queue.length; i++) if (!queue[i].tried) queue[i].kept = true;
    for (i = queue.length - 1; i >= 0; i--) if (queue[i].secret) queue.splice(i, 1);
    save();
    document.body.className = "station is-away";
    find("away").hidden = false;
    tell("wait", "The gateway does not answer.", "What is shown below may have changed meanwhile.");
    listKept();
    setTimeout(look, LOOKS_EVERY);
  }

  function look() {
    ask("GET", path + "/session", null, function (status) {
      if (isSilence(status) || status === 503) setTimeout(look, LOOKS_EVERY);
      else comeBack();
    });
  }

  function comeBack() {
    if (!away) return;
    away = false;
    document.body.className = "station";
    find("away").hidden = true;
    local = false;
    // It may be one that was restored from a backup, and counts from further back.
    shown = -1;
    heard = [];
    find("view").setAttribute("data-revision", "-1");
    listen();
    refresh(settle);
  }

  // Decides about what is kept, once it is known what the station is doing.
  function settle() {
    var i, one, commands = false, old = Date.now() - FORGOTTEN_AFTER;
    for (i = 0; i < queue.length; i++) {
      one = queue[i];
      if (one.tried && one.at < old) one.kept = true;
      if (/^GWC-/i.test(one.code)) commands = true;
    }
    // Looking up changes nothing, so it need not be asked about.
    if (mode === "lookup" && !commands) for (i = 0; i < queue.length; i++) queue[i].kept = false;
    save();
    listKept();
    if (anyKept()) tell("asked", "Decide about the scans that are kept here.", "They are not yet checked.");
    pump();
  }

  // While the gateway is away that is what was sent without an answer, too.
  function isKept(one) { return one.kept || away; }

  function listKept() {
    var kept = [], i, list = find("kept-list"), box = find("kept"), tried = false;
    for (i = 0; i < queue.length; i++) {
      if (!isKept(queue[i])) continue;
      kept.push(queue[i]);
      tried = tried || queue[i].tried;
    }
    box.hidden = !kept.length;
    while (list.firstChild) list.removeChild(list.firstChild);
    if (!kept.length) return;
    find("kept-title").textContent = kept.length === 1 ? "1 scan is not yet checked" : kept.length + " scans are not yet checked";
    find("kept-words").textContent = away
      ? (lasts ? "They are kept in this browser. " : ONLY_HERE + " ") +
        (tried ? "Nothing is booked of those that were not sent." : "Nothing of them is booked.")
      : "They were scanned while the gateway did not answer. Sent now, they are done in this order, as if they were scanned now.";
    find("kept-send").textContent = kept.length === 1 ? "Send this one" : "Send these " + kept.length;
    find("kept-send").disabled = away;
    for (i = 0; i < kept.length; i++) list.appendChild(keptRow(kept[i]));
  }

  function keptRow(one) {
    var row = document.createElement("li"), button = document.createElement("button");
    row.appendChild(text("span", "code", one.code));
    row.appendChild(text("span", "state", one.tried ? "not yet checked (it was sent and may be booked; sending it again books nothing twice)" : "not yet checked"));
    button.type = "button";
    button.textContent = "Throw away";
    button.setAttribute("aria-label", "Throw away " + one.code);
    button.onclick = function () { drop(one); if (!anyKept()) { local = false; refresh(); } };
    row.appendChild(button);
    return row;
  }

  function text(name, kind, words) {
    var made = document.createElement(name);
    made.className = kind;
    made.textContent = words;
    return made;
  }

  // ---------------------------------------------------------------- showing

  var shown = Number(find("part-outcome").getAttribute("data-scan")); // the newest scan on the screen
  var heard = [];    // numbers of scans that were sounded
  var local = false; // what stands there is this page's own word

  function say(outcome, sentence, cure, word) {
    var box = find("part-outcome"), flash = find("flash");
    box.className = "outcome " + outcome;
    box.querySelector(".word").textContent = word;
    box.querySelector(".sentence").textContent = sentence;
    box.querySelector(".cure").textContent = cure || "";
    // Begins the movement anew.
    flash.className = "";
    void flash.offsetWidth;
    flash.className = "flash " + outcome;
    find("live").textContent = word + ". " + sentence + " " + (cure || "");
    sound(outcome);
    window.scrollTo(0, 0);
  }

  // Something that the page itself has to say.
  function tell(outcome, sentence, cure) {
    local = true;
    say(outcome, sentence, cure, WORDS[outcome] || "Not checked");
  }

  // An answer, of a scan of this page or of any other at this station.
  function hear(answer) {
    for (var i = 0; i < heard.length; i++) if (heard[i] === answer.id) return;
    heard.push(answer.id);
    if (heard.length > 50) heard.shift();
    if (answer.replayed && answer.id < shown) { refresh(); return; }
    if (answer.id > shown) shown = answer.id;
    local = false;
    find("part-outcome").setAttribute("data-scan", answer.id);
    say(answer.outcome, answer.sentence, answer.cure, WORDS[answer.outcome]);
    refresh();
  }

  var refreshing = false, again = false, renewal = 0, after = [];

  // Reads the view as the server writes it, and puts in the parts that differ. Those that do not
  // stay as they are, so that a button under a finger is not taken away.
  function refresh(then) {
    if (then) after.push(then);
    if (refreshing) { again = true; return; }
    refreshing = true;
    ask("GET", "/station/" + encodeURIComponent(station) + "/view", null, function (status, page) {
      var waiting;
      refreshing = false;
      if (status === 200 && page && page.getElementById("view")) {
        put(page.getElementById("view"));
      } else if (isSilence(status)) {
        after = [];
        goAway();
        return;
      } else if (status === 401 || status === 403 || status === 404) {
        window.location.reload(); // the server says why, and what to do
        return;
      } else { // nothing is decided before it is known what the station is doing
        clearTimeout(renewal);
        renewal = setTimeout(function () { refresh(); }, LOOKS_EVERY);
        return;
      }
      if (again) { again = false; refresh(); return; }
      waiting = after;
      after = [];
      while (waiting.length) waiting.shift()();
      rest();
    }, true);
  }

  // Says to whoever looks from outside that nothing is under way.
  function rest() {
    if (!sending && !refreshing && !queue.length) document.body.setAttribute("data-idle", "yes");
    else document.body.removeAttribute("data-idle");
  }

  function put(fresh) {
    var view = find("view"), parts, i, old, scanned;
    if (Number(fresh.getAttribute("data-revision")) < Number(view.getAttribute("data-revision"))) return;
    parts = fresh.querySelectorAll("[id^=part-]");
    for (i = 0; i < parts.length; i++) {
      old = find(parts[i].id);
      if (parts[i].id === "part-outcome") {
        scanned = Number(parts[i].getAttribute("data-scan"));
        if (local || scanned < shown || (scanned === shown && shown === Number(old.getAttribute("data-scan")))) continue;
        shown = scanned;
      }
      if (!old.isEqualNode(parts[i])) old.parentNode.replaceChild(document.importNode(parts[i], true), old);
    }
    view.setAttribute("data-revision", fresh.getAttribute("data-revision"));
    view.setAttribute("data-sound", fresh.getAttribute("data-sound"));
    notice(fresh);
  }

  function notice(view) {
    var was = secret;
    mode = view.getAttribute("data-mode");
    secret = view.getAttribute("data-secret") === "yes";
    if (secret && !was) openPad(false);
    if (!secret && was) closePad();
    offerSound();
  }

  // ---------------------------------------------------------------- sound

  // Hz, seconds; a pause has 0 Hz. Told apart by pitch, number and length, also beside machines.
  var SOUNDS = {
    done: { wave: "sine", notes: [[1760, 0.11]] },
    look: { wave: "triangle", notes: [[1175, 0.12], [0, 0.06], [1175, 0.12]] },
    refused: { wave: "square", notes: [[160, 0.55]] },
    asked: { wave: "triangle", notes: [[784, 0.11], [988, 0.11], [1319, 0.2]] }
  };
  var SHAKES = { done: 60, look: [60, 60, 60], refused: 500, asked: [60, 60, 60, 60, 160] };
  var Context = window.AudioContext || window.webkitAudioContext;
  var speaker = null;

  function wanted() { return find("view").getAttribute("data-sound") === "yes"; }

  function play(name, at) {
    var one = SOUNDS[name], when = Math.max(speaker.currentTime, at || 0) + 0.005, i, tone, gain, pitch, length;
    for (i = 0; i < one.notes.length; i++) {
      pitch = one.notes[i][0];
      length = one.notes[i][1];
      if (pitch) {
        tone = speaker.createOscillator();
        gain = speaker.createGain();
        tone.type = one.wave;
        tone.frequency.value = pitch;
        gain.gain.setValueAtTime(one.wave === "square" ? 0.3 : 0.6, when);
        gain.gain.setValueAtTime(one.wave === "square" ? 0.3 : 0.6, when + length - 0.02);
        gain.gain.linearRampToValueAtTime(0, when + length);
        tone.connect(gain);
        gain.connect(speaker.destination);
        tone.start(when);
        tone.stop(when + length);
      }
      when += length;
    }
    return when;
  }

  function sound(outcome) {
    var name = SOUNDS[outcome] ? outcome : "refused";
    if (navigator.vibrate) navigator.vibrate(SHAKES[name]);
    if (wanted() && speaker && speaker.state !== "suspended") play(name);
  }

  // Browsers are mute until they are touched.
  function offerSound() {
    var mute = wanted() && !!Context && (!speaker || speaker.state === "suspended" || speaker.state === "interrupted");
    find("sound").hidden = !mute;
  }

  function switchSoundOn() {
    var when = 0, names = ["done", "look", "refused", "asked"], i;
    if (!speaker) speaker = new Context();
    function tryAll() {
      for (i = 0; i < names.length; i++) when = play(names[i], when) + 0.35;
      offerSound();
    }
    speaker.onstatechange = offerSound;
    if (speaker.state === "suspended" && speaker.resume) speaker.resume().then(tryAll);
    else tryAll();
  }

  // ---------------------------------------------------------------- live

  var socket = null, stream = null, polling = 0, sockets = true;

  function event(data) {
    var one, body;
    try { one = JSON.parse(data); } catch (e) { return; }
    if (!one.type) return;
    body = one.data || {};
    if (one.type.indexOf("scan.") === 0 && body.station === station && body.outcome) hear(body);
    else refresh();
  }

  function listen() {
    var url = "/v1/events?station=" + encodeURIComponent(station), opened = false;
    stopListening();
    if (sockets && window.WebSocket) {
      socket = new WebSocket(window.location.protocol.replace("http", "ws") + "//" + window.location.host + url);
      socket.onopen = function () { opened = true; live(); };
      socket.onmessage = function (message) { event(message.data); };
      socket.onclose = function () {
        if (socket !== this) return;
        socket = null;
        if (!opened) sockets = false; // a proxy that knows none, perhaps
        check(function () { setTimeout(listen, opened ? 200 : 0); });
      };
    } else if (window.EventSource) {
      stream = new EventSource(url);
      stream.onopen = function () { opened = true; live(); };
      stream.onmessage = function (message) { event(message.data); };
      stream.onerror = function () {
        if (stream !== this) return;
        stream.close();
        stream = null;
        check(function () { if (opened) setTimeout(listen, 500); else poll(); });
      };
    } else {
      poll();
    }
  }

  function stopListening() {
    var old = socket || stream;
    socket = stream = null;
    if (old) old.close();
    clearInterval(polling);
  }

  function live() {
    document.body.setAttribute("data-live", "yes");
    refresh(); // what happened before is in the view, what happens now is heard
  }

  function poll() {
    clearInterval(polling);
    live();
    polling = setInterval(check, POLLS_EVERY);
  }

  // Is it there, and is there anything newer than what is shown?
  function check(then) {
    if (away) return;
    ask("GET", path + "/session", null, function (status, view) {
      if (isSilence(status)) { goAway(); return; }
      if (status === 200 && view && view.revision > Number(find("view").getAttribute("data-revision"))) refresh();
      if (typeof then === "function" && !away) then();
    });
  }

  // ---------------------------------------------------------------- key pad, touch

  var keys;

  function openPad(letters) {
    find("pad").hidden = false;
    find("pad-letters").hidden = !letters;
    find("pad-abc").setAttribute("aria-pressed", String(!!letters));
    find("pad-quantity").hidden = secret;
    find("pad-abc").hidden = secret;
    find("pad-hint").textContent = secret ? "Your PIN, then Send." : "";
    showTyped(keys.text());
  }

  function closePad() {
    find("pad").hidden = true;
    keys.clear();
  }

  function showTyped(written) {
    find("pad-text").textContent = secret ? written.replace(/[^]/g, "•") : written;
    find("pad-quantity").disabled = !/^[1-9][0-9]{0,5}$/.test(written);
    find("pad-send").disabled = !written;
  }

  // ISO/IEC 7064, MOD 37,36: the check character of a command barcode.
  function checkCharacter(words) {
    var all = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", product = 36, i;
    for (i = 0; i < words.length; i++) product = (((product + all.indexOf(words.charAt(i))) % 36 || 36) * 2) % 37;
    return all.charAt((37 - product) % 36);
  }

  function choice(number) {
    return document.querySelector('button[data-choose="' + number + '"]');
  }

  function typed(written, idle) {
    var button;
    if (idle && written.length === 1 && find("pad").hidden && (button = choice(written))) {
      keys.clear();
      scan(button.value, false);
      return;
    }
    if (written && idle && find("pad").hidden) {
      openPad(/[^0-9]/.test(written));
      find("pad-hint").textContent = "These keys came without Enter. Touch Send, or Close.";
    }
    showTyped(written);
  }

  function closest(node, name) {
    while (node && node !== document) {
      if (node.nodeName === name) return node;
      node = node.parentNode;
    }
    return null;
  }

  function touched(event_) {
    var button = closest(event_.target, "BUTTON"), key;
    // Touch is what lets a browser make sounds.
    if (speaker && speaker.state === "suspended" && speaker.resume) speaker.resume().then(offerSound);
    if (closest(event_.target, "A") && closest(event_.target, "A").className === "mode") {
      event_.preventDefault();
      find("part-modes").scrollIntoView();
      return;
    }
    if (!button || button.disabled) return;
    key = button.getAttribute("data-key");
    if (key) keys.add(key);
    else if (button.id === "sound") switchSoundOn();
    else if (button.id === "open-pad") { if (find("pad").hidden) openPad(false); else closePad(); }
    else if (button.id === "pad-close") closePad();
    else if (button.id === "pad-back") keys.back();
    else if (button.id === "pad-abc") {
      find("pad-letters").hidden = !find("pad-letters").hidden;
      button.setAttribute("aria-pressed", String(!find("pad-letters").hidden));
    } else if (button.id === "pad-send") { keys.send(); find("pad").hidden = true; }
    else if (button.id === "pad-quantity") {
      key = keys.text();
      closePad();
      scan("GWC-QTY-" + key + "-" + checkCharacter("QTY" + key), false);
    } else if (button.id === "kept-send") sendKept();
    else if (button.id === "kept-drop") dropKept();
    else if (button.name === "code" && button.value) { event_.preventDefault(); scan(button.value, false); }
    else return;
    // A button that keeps the focus would be pressed by the next Enter of a scanner.
    if (event_.detail) button.blur();
    waitForKeys();
  }

  function sendKept() {
    if (away) return;
    for (var i = 0; i < queue.length; i++) if (queue[i].kept) { queue[i].kept = false; queue[i].batch = true; }
    save();
    local = false;
    listKept();
    pump();
  }

  function dropKept() {
    for (var i = queue.length - 1; i >= 0; i--) if (isKept(queue[i])) queue.splice(i, 1);
    save();
    local = false;
    shown = -1;
    listKept();
    refresh();
  }

  // Handhelds whose scanner is an input method type only where a field has the focus.
  var METHOD = "gateway-input-method";

  function waitForKeys() {
    if (read(METHOD) === "yes") find("catcher").focus();
  }

  // ---------------------------------------------------------------- begin

  keys = new window.gatewayKeys.Keys({
    catcher: find("catcher"),
    finished: function (code, byHand) { scan(code, byHand); if (!find("pad").hidden && !keys.text()) find("pad").hidden = true; },
    changed: typed,
    unnamed: function () { write(METHOD, "yes"); waitForKeys(); }
  });
  // The field of pages without a script; from here on nothing takes keys away from a code. What a
  // scanner began to type there is the beginning of its code.
  find("catcher").value = find("typed").querySelector("input").value;
  find("typed").parentNode.removeChild(find("typed"));
  keys.caught(document.createEvent("Event")); // for its time, which counts as those of keys do
  find("open-pad").hidden = false;
  document.addEventListener("click", touched, false);
  find("form").addEventListener("submit", function (event_) { event_.preventDefault(); }, false);
  window.addEventListener("blur", function () { find("behind").hidden = document.hasFocus(); }, false);
  window.addEventListener("focus", function () { find("behind").hidden = true; waitForKeys(); }, false);
  window.addEventListener("pagehide", function () { forget(ALIVE + source); }, false);
  window.addEventListener("pageshow", function (event_) { if (event_.persisted) window.location.reload(); }, false);

  if (Context) {
    try { speaker = new Context(); speaker.onstatechange = offerSound; } catch (e) { Context = null; }
  }
  breathe();
  setInterval(breathe, DEAD_AFTER / 3);
  setInterval(function () { if (!away) refresh(); }, CHECKS_EVERY);
  find("behind").hidden = document.hasFocus();
  notice(find("view"));
  adopt();
  listen();
  refresh(settle);
  setTimeout(function () { if (adopt(true)) { if (away) listKept(); else settle(); } }, DEAD_AFTER + 1000); // of a page that died without a word
}());
