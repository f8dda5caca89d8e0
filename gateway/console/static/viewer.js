// Every printer, how it is, and its paper, live. It asks the API as any other program does, and
// everything that comes from outside is put in as text, never as markup.

const find = (id) => document.getElementById(id);
const views = new Map(); // printer's name -> its View
let key = sessionStorage.getItem("key") ?? "";

class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? `The gateway answered ${status}.`);
    this.status = status;
  }
}

async function ask(path, options = {}) {
  const headers = { ...options.headers };
  if (key) headers.Authorization = `Bearer ${key}`;
  if (options.body) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { ...options, headers });
  if (answer.ok) return answer;
  let problem = {};
  try { problem = await answer.json(); } catch { /* no problem document: a proxy's page */ }
  if (answer.status === 401) askForKey(key ? problem.detail : "");
  throw new Refused(answer.status, problem);
}

const get = async (path) => (await ask(path)).json();
const post = async (path, body = {}) => (await ask(path, {
  method: "POST",
  body: JSON.stringify(body),
  headers: { "Idempotency-Key": Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("") },
})).json();

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// A picture of the API may need the key, which an <img> cannot send.
async function showPicture(image, path) {
  if (!key) { image.src = path; return; }
  try {
    const blob = await (await ask(path)).blob();
    image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
    image.src = URL.createObjectURL(blob);
  } catch { image.alt = "This picture could not be loaded."; }
}

function askForKey(problem) {
  find("keyproblem").textContent = problem;
  if (!find("keybox").open) find("keybox").showModal();
}

find("keyform").addEventListener("submit", (event) => {
  event.preventDefault();
  key = find("key").value.trim();
  sessionStorage.setItem("key", key);
  find("keybox").close();
  start();
});

const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
const clock = (text) => new Date(text).toLocaleTimeString();
const millimetres = (micrometres) => `${Math.round(micrometres / 10) / 100}`;
const perMillimetre = (density) => typeof density === "string" ? parseFloat(density) / 25.4 : density;

// As the vendors write them; a language of another package is shown by its name.
const LANGUAGES = { zpl: "ZPL", escpos: "ESC/POS", tspl: "TSPL", epl: "EPL2", cpcl: "CPCL", sbpl: "SBPL", dpl: "DPL", "brother-ql": "Brother QL raster" };

class View {
  constructor(name) {
    this.name = name;
    this.path = `/v1/printers/${encodeURIComponent(name)}`;
    this.root = find("printer").content.cloneNode(true).firstElementChild;
    this.newest = 0;
    this.oldest = 0;
    this.asked = "";
    this.machine = "";
    this.reasons = new Map(); // a job's id -> why labels of it failed
    this.part = (selector) => this.root.querySelector(selector);
    this.part("h2").textContent = name;
    this.part(".pause").addEventListener("click", () => this.pause());
    this.part(".more button").addEventListener("click", () => this.showOlder());
    find("printers").append(this.root);
  }

  async refresh(printer) {
    const [settings, status, question] = await Promise.all([
      printer ?? get(this.path), get(`${this.path}/status`), get(`${this.path}/question`),
    ]);
    this.settings = settings;
    this.root.className = `printer ${status.condition}`;
    this.part(".words").textContent = status.sentence;
    const figures = [];
    if (status.waiting) figures.push(`${plural(status.waiting, "label")} waiting`);
    if (status.on_the_way) figures.push(`${status.on_the_way} on the way`);
    if (status.counter !== null) figures.push(`counter ${status.counter}`);
    this.part(".figures").textContent = figures.join(" · ");
    const { width, height, stock } = settings.media;
    this.part(".kind").textContent = [
      settings.virtual ? "Virtual printer" : "", LANGUAGES[settings.language] ?? settings.language,
      settings.model, typeof settings.density === "string" ? settings.density.replace("dpi", " dpi") : `${settings.density} dots per mm`,
      `${millimetres(width)} × ${millimetres(height)} mm`, stock,
    ].filter(Boolean).join(" · ");
    this.part(".pause").textContent = settings.paused ? "Resume" : "Pause";
    this.part(".pause").classList.toggle("primary", settings.paused);
    this.part(".problems").replaceChildren(...status.problems.map((problem) =>
      element("li", {}, ...(problem.sentence === status.sentence ? [] : [element("strong", { textContent: problem.sentence }), " "]), problem.cure)));
    this.showQuestion(question);
    // Another language is another machine, with paper of its own; other stock is another scale.
    const machine = [settings.virtual, settings.language, settings.density, width, height].join();
    if (machine !== this.machine) {
      this.machine = machine;
      this.newest = this.oldest = 0;
      this.part(".paper").replaceChildren();
      this.part(".more").hidden = this.part(".tray").hidden = true;
    }
    await this.showJobs();
    if (settings.virtual) await this.showPaper();
  }

  async pause() {
    await this.act(() => post(`${this.path}/${this.settings.paused ? "resume" : "pause"}`));
  }

  async act(work) {
    try { await work(); } catch (refused) { alert(refused.message); }
    await this.refresh();
  }

  // ---------------------------------------------------------- the one question

  showQuestion(question) {
    const box = this.part(".question");
    const ids = question.labels.map((label) => label.id).join();
    if (ids === this.asked) return; // somebody may be choosing right now
    this.asked = ids;
    box.hidden = !question.labels.length;
    if (box.hidden) { box.replaceChildren(); return; }
    const several = question.labels.length > 1;
    const group = `last-${this.name}`;
    const choice = (value, words, label) => {
      const input = element("input", { type: "radio", name: group, value });
      const row = element("label", {}, input);
      if (label) {
        const image = element("img", { alt: "" });
        image.addEventListener("error", () => image.remove());
        showPicture(image, label.links.picture);
        row.append(image);
      }
      row.append(element("span", {}, ...words));
      return element("li", {}, row);
    };
    const words = (label) => [
      element("strong", { textContent: Object.values(label.data ?? {}).join(" · ") || label.id }),
      element("br"), element("span", { className: "hint", textContent: `${label.id} of job ${label.job}, label ${label.number}${label.copy > 1 ? `, copy ${label.copy}` : ""}` }),
    ];
    const list = element("ol", {}, ...question.labels.map((label) => choice(label.id, words(label), label)));
    list.append(choice("", [element("strong", { textContent: several ? "None of these is on the paper" : "No, it is not on the paper" })]));
    const send = (rest) => {
      const chosen = box.querySelector("input:checked");
      if (!chosen) { note.textContent = "First choose above what you see on the paper."; return; }
      this.asked = "";
      this.act(() => post(`${this.path}/answer`, { last_printed: chosen.value || null, rest }));
    };
    const note = element("p", { role: "alert", className: "bad" });
    const again = element("button", { className: "primary", textContent: "Print the missing ones again" });
    const drop = element("button", { className: "drop", textContent: "Give the missing ones up" });
    again.addEventListener("click", () => send("reprint"));
    drop.addEventListener("click", () => send("drop"));
    box.replaceChildren(
      element("h3", { textContent: question.question }),
      element("p", { textContent: question.labels[0].problem ?? "" }),
      element("p", { textContent: question.last_printed ? `Surely printed before: ${Object.values(question.last_printed.data ?? {}).join(" · ") || question.last_printed.id}.` : "" }),
      list, note, element("div", { className: "buttons" }, again, drop),
    );
    if (!several) list.querySelector("span strong").textContent = `Yes: ${list.querySelector("span strong").textContent}`;
  }

  // ---------------------------------------------------------- paper of a virtual printer

  async showPaper() {
    const page = await get(`${this.path}/paper?limit=12`);
    const paper = this.part(".paper");
    if (!page.items.length) return;
    this.part(".paper .empty")?.remove();
    this.part(".tray").textContent = `What came out of ${this.name}`;
    this.part(".tray").hidden = false;
    const fresh = page.items.filter((sheet) => sheet.number > this.newest);
    const first = this.newest === 0;
    paper.prepend(...fresh.map((sheet) => this.sheet(sheet, !first)));
    this.newest = page.items[0].number;
    if (first) { this.oldest = page.items.at(-1).number; this.part(".more").hidden = page.next === null; }
  }

  async showOlder() {
    const page = await get(`${this.path}/paper?limit=12&after=${this.oldest}`);
    this.part(".paper").append(...page.items.map((sheet) => this.sheet(sheet, false)));
    if (page.items.length) this.oldest = page.items.at(-1).number;
    this.part(".more").hidden = page.next === null;
  }

  sheet(sheet, fresh) {
    const image = element("img", { width: sheet.width, height: sheet.height, loading: "lazy", alt: `Label ${sheet.number}` });
    // All at one scale, as wide as the stock: a small label is seen to be small. A number may come
    // again on another machine; the browser must not show it an older picture.
    const across = this.settings.media.width / 1000 * perMillimetre(this.settings.density);
    image.style.width = `${Math.min(100, Math.max(15, sheet.width / across * 100))}%`;
    showPicture(image, `${sheet.links.picture}?at=${encodeURIComponent(sheet.printed_at)}`);
    const caption = element("figcaption");
    for (const code of sheet.codes) {
      caption.append(element("div", {}, element("span", { className: "code", textContent: code.text }), " ",
        element("span", { className: "soft", textContent: code.format })));
    }
    if (!sheet.codes.length) caption.append(element("div", { className: "soft", textContent: "No barcode can be read on it." }));
    if (sheet.partial) caption.append(element("div", { className: "bad", textContent: "Cut short: this piece does not count." }));
    caption.append(element("div", { className: "soft", textContent: `Piece ${sheet.number} · ${clock(sheet.printed_at)}` }));
    const classes = [fresh ? "fresh" : "", sheet.partial ? "partial" : ""].join(" ").trim();
    return element("figure", { className: classes }, image, caption);
  }

  showEmpty() {
    const { media, virtual } = this.settings;
    const test = element("button", { className: "primary", textContent: "Print the test label" });
    test.addEventListener("click", () => this.act(() => post(`${this.path}/test`)));
    const box = element("div", { className: "empty" },
      element("p", {}, element("strong", { textContent: "No label has come out yet." })),
      element("p", {}, test));
    if (media.width >= 100000 && media.height >= 50000) { // the size of the serial label
      const order = JSON.stringify({ printer: this.name, template: "serial-label", labels: [{ serial: "SN-000123", item: "HT-9000" }] });
      box.append(
        element("p", { textContent: "Or print the first one of your own: copy this into a terminal on this computer." }),
        element("pre", { textContent: `curl ${location.origin}/v1/jobs -H 'Content-Type: application/json' \\\n  -d '${order}'` }));
    }
    box.append(element("p", { className: "hint", textContent: virtual ? "It appears here by itself." : "It comes out of the printer." }));
    this.part(".paper").replaceChildren(box);
  }

  // ---------------------------------------------------------- its last jobs

  async showJobs() {
    const page = await get(`/v1/jobs?limit=6&printer=${encodeURIComponent(this.name)}`);
    if (!page.items.length) {
      if (!this.newest && !this.part(".paper .empty")) this.showEmpty();
      return;
    }
    this.part(".paper .empty")?.remove();
    await Promise.all(page.items.map((job) => this.learnReason(job)));
    const rows = page.items.map((job) => element("tr", {},
      element("td", { textContent: job.id }),
      element("td", { textContent: job.title || job.template || job.kind }),
      element("td", {}, ...Object.entries(job.counts).map(([state, n]) => element("span", { className: `badge ${state}`, textContent: `${n} ${state}` })),
        ...(this.reasons.get(job.id) ?? job.problem ? [element("div", { className: "why", textContent: this.reasons.get(job.id) ?? job.problem })] : [])),
      element("td", { textContent: clock(job.accepted_at) })));
    const head = element("tr", {}, ...["Job", "What", "Labels", "Accepted"].map((text) => element("th", { textContent: text })));
    this.part(".jobs").replaceChildren(element("table", {}, head, ...rows));
  }

  // A label says why it failed; of a job's labels the first is enough.
  async learnReason(job) {
    if (!job.counts.failed || job.problem || this.reasons.has(job.id)) return;
    const { items } = await get(`${job.links.labels}?state=failed&limit=1`);
    if (items.length) this.reasons.set(job.id, items[0].problem);
  }
}

// ---------------------------------------------------------- all printers

async function refreshAll() {
  const { items } = await get("/v1/printers?limit=500");
  const names = new Set(items.map((printer) => printer.name));
  for (const [name, view] of views) {
    if (!names.has(name)) { view.root.remove(); views.delete(name); }
  }
  for (const printer of items) {
    if (!views.has(printer.name)) views.set(printer.name, new View(printer.name));
  }
  find("printers").querySelector(":scope > .empty")?.remove();
  if (!items.length) {
    find("printers").append(element("div", { className: "printer empty" },
      element("p", {}, element("strong", { textContent: "There is no printer yet." })),
      element("p", { textContent: "Look for one, add it by its address, or try one that is a program: copy a line into a terminal on this computer." }),
      element("pre", { textContent: "label-gateway printers find\nlabel-gateway printers add dock tcp://10.0.0.7:9100\nlabel-gateway printers add demo virtual --language tspl" })));
  }
  await Promise.all(items.map((printer) => views.get(printer.name).refresh(printer)));
}

// One refresh at a time, and one more when something came meanwhile.
let running = false;
let again = false;
async function refreshSoon() {
  if (running) { again = true; return; }
  running = true;
  try {
    do { again = false; await refreshAll(); } while (again);
  } catch (refused) {
    if (refused.status !== 401) say(`Something went wrong: ${refused.message}`, true);
  } finally { running = false; }
}

function say(words, lost = false) {
  find("connection").textContent = words;
  find("connection").classList.toggle("lost", lost);
}

// fetch and not EventSource: only fetch can send a key.
let listening = null;
async function listen() {
  listening?.abort();
  const mine = listening = new AbortController();
  let place = "";
  for (let pause = 500; !mine.signal.aborted; pause = Math.min(pause * 2, 8000)) {
    try {
      const headers = place ? { "Last-Event-ID": place } : {};
      const answer = await ask("/v1/events", { headers, signal: mine.signal });
      say("Live");
      pause = 500;
      refreshSoon();
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = "";;) {
        const { value, done } = await reader.read();
        if (done) break;
        const lines = (rest + value).split("\n");
        rest = lines.pop();
        const ids = lines.filter((line) => line.startsWith("id: "));
        if (ids.length) { place = ids.at(-1).slice(4); refreshSoon(); }
      }
    } catch (refused) {
      if (mine.signal.aborted || refused.status === 401) return;
    }
    say("The gateway does not answer. Trying again …", true);
    await new Promise((go) => setTimeout(go, pause));
  }
}

function start() { listen(); }
start();
// A printer's lamp also changes without an entry in the feed: ready, printing.
setInterval(refreshSoon, 3000);
