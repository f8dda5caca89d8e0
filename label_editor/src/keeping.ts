// Where the label is kept: each step in this browser at once, and in the gateway as a draft within a
// second. One request at a time, the latest wins; whoever saves over somebody else is asked first.

import { batch, computed, effect, signal } from "@preact/signals";
import { Away, Refused, ask, type Answer } from "./api";
import { heard } from "./feed";
import { at, edit, open, readonly, restore, saved_, steps } from "./label";
import { arrive, forget, remember, rememberSteps } from "./remembering";
import { announce, tell } from "./said";
import { about, name } from "./session";
import { away } from "./tiles";
import type { Document } from "./types";
import { t } from "./words";

export interface Published { name: string; number: number; version: string; saved_at: string; actor: string; document: Document }
export interface Draft { tag: string; base: number; actor: string; saved_at: string }

export type State = "saved" | "saving" | "here" | "refused";

export const published = signal<Published | null>(null);
export const draft = signal<Draft | null>(null);
export const state = signal<State>("saved");
export const refusal = signal(""); // why the gateway does not keep it
export const lost = signal(false); // the gateway did not answer the last save
export const nowhere = signal(false); // this browser has no room for it, either
export const opened = signal<"" | "open" | "missing" | "away" | "refused">("");
// What somebody else has saved over the label that is open here.
export const theirs = signal<{ tag: string | null; actor: string; base: number; document: Document | null; ago: number } | null>(null);

// Whether the label differs from what prints.
export const changed = computed(() => !published.value || draft.value !== null || state.value !== "saved");

// A version of it that waits for a second person.
export const waits = signal<{ actor: string; note: string } | null>(null);

const WITHIN = 500; // ms from a change to the request that saves it
const AGAIN = 2000; // ms until a gateway that did not answer is asked again
const LOOKS = 4000; // ms between two looks at whether somebody else has saved it
const HISTORY = 250; // ms from a step to the history that is kept

let kept: Document | null = null; // what the gateway has
let tag = ""; // of it; "" when it has no draft
let base = 0; // the version it is a change of
let busy = false, timer = 0, history = 0;

const path = (end: string): string => `/v1/templates/${encodeURIComponent(name.value)}${end}`;

// What the gateway has, in one word: for whoever comes back to this label.
function tagOf(): string {
  return tag || (published.value ? `v${published.value.version}` : "");
}

async function find<T>(where: string): Promise<{ body: T; etag: string } | null> {
  try {
    const found = await ask<T & { document?: Document }>("GET", where);
    // The gateway leaves out what is empty.
    if (found.body.document && !found.body.document.elements) found.body.document.elements = [];
    return found;
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null;
    throw error;
  }
}

// What is published and what is drafted, either null when there is none. A label that was never
// published is not asked for: its draft began from nothing.
async function both() {
  const found = await find<Draft & { document: Document; name: string }>(`${path("/draft")}?or_version=1`);
  const drafted = found && found.body.tag !== null ? found : null;
  return [!found || (drafted && !drafted.body.base) ? null : await find<Published>(path("")), drafted] as const;
}

// ---------------------------------------------------------------- opening

// Open the draft, else what is published, else what this browser has kept; null when there is none.
export async function begin(): Promise<Document | null> {
  const before = arrive(name.value);
  try {
    const [current, drafted] = await both();
    published.value = current && current.body;
    if (current) name.value = current.body.name;
    take(drafted && drafted.body);
    kept = drafted ? drafted.body.document : current ? current.body.document : null;
  } catch (error) {
    if (!(error instanceof Away) && !before) {
      refusal.value = error instanceof Refused ? error.message : "";
      opened.value = "refused";
      return null;
    }
    lost.value = away.value = true;
    if (!before) { opened.value = "away"; return null; }
    tag = before.kept.tag.startsWith("v") ? "" : before.kept.tag;
    base = before.kept.base;
    kept = before.kept.unsaved ? null : before.kept.document;
  }
  if (before && !lost.value && before.kept.unsaved && before.kept.tag !== tagOf()) {
    // Saved over meanwhile: the first save finds that out and asks.
    tag = before.kept.tag.startsWith("v") ? "" : before.kept.tag;
    base = before.kept.base;
  }
  const unsaved = before?.kept.unsaved ? before.kept : null, same = before?.kept.tag === tagOf();
  if (before?.history && (unsaved || same || lost.value)) restore(before.history.steps, before.history.place);
  else if (before && (unsaved || lost.value)) open(before.kept.document, t("Opened"));
  else if (kept && Array.isArray(kept.elements)) open(kept, t("Opened"));
  else if (kept) { refusal.value = t("This draft is no label."); opened.value = "refused"; return null; }
  else { opened.value = "missing"; return null; }
  // The history ends a moment before the last change, when a window broke down.
  if (unsaved && JSON.stringify(saved_.value) !== JSON.stringify(unsaved.document)) edit(t("Change"), () => unsaved.document);
  else if (!unsaved && kept && JSON.stringify(saved_.value) === JSON.stringify(kept)) kept = saved_.value;
  else if (!unsaved && kept && same) open(kept, t("Opened"));
  watch();
  return saved_.value;
}

// Begin a label that does not exist.
export function make(document: Document): Document {
  kept = null;
  open(document, t("New label"));
  watch();
  return document;
}

function take(found: Draft | null): void {
  draft.value = found;
  tag = found ? found.tag : "";
  base = found ? found.base : published.value ? published.value.number : 0;
}

function watch(): void {
  opened.value = "open";
  if (about.value.approval) void lookWaiting();
  if (readonly.value) return;
  effect(() => {
    void at.value;
    keepSteps();
    if (saved_.value !== kept) change();
  });
  effect(() => { if (!away.value && state.value === "here" && !theirs.peek()) soon(0); });
  heard("template", (_, subject) => { if (!subject || subject.toLowerCase() === `templates/${name.value}`.toLowerCase()) { void peek(); if (about.value.approval) void lookWaiting(); } });
  setInterval(() => void glance(), LOOKS);
  addEventListener("beforeunload", (event) => { if (nowhere.value && saved_.value !== kept) event.preventDefault(); });
  addEventListener("pagehide", () => { if (history) rememberSteps(name.value, steps.value, at.value); });
}

// ---------------------------------------------------------------- saving

function keepSteps(): void {
  void steps.value;
  if (!history) history = window.setTimeout(() => { history = 0; rememberSteps(name.value, steps.value, at.value); }, HISTORY);
}

function keepHere(unsaved: boolean): void {
  nowhere.value = !remember(name.value, { document: saved_.peek(), tag: tagOf(), base, unsaved });
}

function change(): void {
  keepHere(true);
  if (theirs.peek() || state.peek() === "here") { state.value = "here"; return; }
  state.value = "saving";
  soon(WITHIN);
}

function soon(ms: number): void {
  if (!busy && !timer) timer = window.setTimeout(() => { timer = 0; void save(); }, ms);
}

// Save what is not saved yet; true when the gateway has it all.
export async function save(): Promise<boolean> {
  while (busy) await new Promise((go) => setTimeout(go, 30));
  clearTimeout(timer);
  timer = 0;
  if (readonly.value || theirs.value) return false;
  busy = true;
  try {
    while (saved_.value !== kept) {
      const document = saved_.value;
      if (state.value !== "here") state.value = "saving";
      let answer: Answer<Draft>;
      try {
        answer = await ask<Draft>("PUT", `${path("/draft")}?base=${base}`, document, tag ? { "if-match": `"${tag}"` } : { "if-none-match": "*" });
      } catch (error) {
        if (adopted(error, document)) continue;
        throw error;
      }
      const { body, status } = answer;
      kept = document;
      take(status === 204 ? null : { tag: body.tag, base: body.base, actor: body.actor, saved_at: body.saved_at });
      if (status === 204 && published.value && base !== published.value.number) base = published.value.number;
      refusal.value = "";
      keepHere(saved_.value !== document);
    }
    if (lost.value) tell(t("Connected again. Your changes are saved."), "done");
    batch(() => { lost.value = false; state.value = "saved"; });
    return true;
  } catch (error) {
    failed(error);
    return false;
  } finally {
    busy = false;
  }
}

// Somebody saved what was known here already, or the very same: nothing was changed under anybody.
function adopted(error: unknown, mine: Document): boolean {
  if (!(error instanceof Refused) || error.status !== 412) return false;
  const { facts } = error.said, other = facts?.document && JSON.stringify(facts.document);
  if (!other || !facts.tag || facts.tag === tag || ![kept, mine].some((one) => one && JSON.stringify(one) === other)) return false;
  tag = facts.tag;
  base = facts.base;
  return true;
}

function failed(error: unknown): void {
  if (error instanceof Refused && error.status === 412) {
    const { facts } = error.said;
    batch(() => { state.value = "here"; lost.value = false; });
    theirs.value = {
      tag: facts.tag ?? null, actor: facts.actor || "", base: facts.base ?? facts.number ?? 0,
      document: facts.document || null, ago: facts.saved_at ? Date.now() - Date.parse(facts.saved_at) : 0,
    };
  } else if (error instanceof Refused && error.status < 500) {
    batch(() => { state.value = "refused"; refusal.value = error.message; });
  } else if (error instanceof Away || error instanceof Refused) {
    batch(() => { state.value = "here"; lost.value = true; });
    timer = window.setTimeout(() => { timer = 0; void save(); }, AGAIN);
  } else throw error;
}

// ---------------------------------------------------------------- two people

const quiet = (): boolean => !busy && !theirs.value && state.value === "saved" && saved_.value === kept && !lost.value;

// Saves are too many for the feed: the short list of drafts says which are new.
async function glance(): Promise<void> {
  if (document.hidden || !quiet() || away.value) return;
  try {
    const { body } = await ask<{ items: (Draft & { name: string })[] }>("GET", "/v1/drafts");
    const mine = body.items.find((one) => one.name.toLowerCase() === name.value.toLowerCase());
    if ((mine ? mine.tag : "") !== tag) await peek();
  } catch (error) {
    if (!(error instanceof Away) && !(error instanceof Refused)) throw error;
  }
}

// Look whether somebody else has saved or published it, while nothing here waits to be saved.
async function peek(): Promise<void> {
  if (!quiet()) return;
  try {
    const [current, drafted] = await both();
    const found = drafted ? drafted.body.tag : "", version = current ? current.body.version : "";
    if (busy || saved_.value !== kept || (found === tag && version === (published.value?.version || ""))) return;
    const next = drafted ? drafted.body.document : current?.body.document;
    batch(() => {
      published.value = current && current.body;
      take(drafted && drafted.body);
      if (!next || JSON.stringify(next) === JSON.stringify(kept)) return;
      kept = next;
      const who = drafted ? drafted.body.actor : current!.body.actor;
      edit(who === about.value.me ? t("Changed in another window") : t("Changed by %(who)s", { who }), () => next);
      keepHere(false);
      tell(who === about.value.me ? t("Changed in another window.") : t("%(who)s has changed this label.", { who }), "look");
    });
  } catch (error) {
    if (!(error instanceof Away) && !(error instanceof Refused)) throw error;
  }
}

// Three ways out when two have changed one label. Whichever is chosen, the other's label is a step
// of the history, or has a name of its own.
export async function takeTheirs(): Promise<void> {
  const other = theirs.value!;
  await again();
  const next = other.document || published.value?.document;
  batch(() => {
    theirs.value = null;
    kept = next || null;
    if (next) edit(t("Took what %(who)s saved", { who: speaker(other.actor) }), () => next);
    kept = next ? saved_.value : null;
    state.value = "saved";
  });
  keepHere(false);
  announce(t("Theirs is open. Undo shows yours again."));
}

export async function keepMine(): Promise<boolean> {
  const other = theirs.value!, mine = saved_.value;
  await again();
  batch(() => {
    theirs.value = null;
    const before = other.document;
    if (before) {
      const title = t("What %(who)s saved", { who: speaker(other.actor) });
      const whole = [...steps.value.slice(0, at.value + 1), { title, document: before, selection: [] }, { title: t("Kept mine"), document: mine, selection: [] }];
      restore(whole, whole.length - 1);
    }
    state.value = "saving";
    kept = null;
  });
  return save();
}

export function speaker(actor: string): string {
  return !actor || actor === about.value.me ? t("another window") : actor;
}

// The newest tag, for what is saved next.
async function again(): Promise<void> {
  const [current, drafted] = await both();
  published.value = current && current.body;
  take(drafted && drafted.body);
  if (theirs.value && drafted) theirs.value.document = drafted.body.document;
}

// A copy under another name; the label that is open stays as it is. Leads to the copy.
export async function saveAs(wanted: string, title: string): Promise<void> {
  const where = `/v1/templates/${encodeURIComponent(wanted)}`;
  if (await find(where)) throw new Refused(409, { detail: t("There is a label called %(name)s already; choose another name.", { name: wanted }) });
  const document = { ...saved_.value, name: wanted, ...(title ? { title } : {}) };
  await ask("PUT", `${where}/draft`, document, { "if-none-match": "*" });
  if (theirs.value) forget(name.value);
  location.assign(`/editor/${encodeURIComponent(wanted)}`);
}

// ---------------------------------------------------------------- publishing, throwing away

async function lookWaiting(): Promise<void> {
  try {
    const found = await find<{ state: string; actor: string; note: string }>(path("/request"));
    waits.value = found?.body.state === "waiting" ? found.body : null;
  } catch (error) {
    if (!(error instanceof Away) && !(error instanceof Refused)) throw error;
  }
}

export type Outcome = { number: number } | "waits";

export async function publish(note: string, once: string): Promise<Outcome> {
  if (!(await save())) throw new Refused(409, { detail: refusal.value || t("It is not saved yet.") });
  const { body, status } = await ask<Published>("POST", path("/publish"), { note }, { "if-match": `"${tag}"`, "idempotency-key": once });
  if (status === 202) { waits.value = { actor: about.value.me, note }; return "waits"; }
  batch(() => {
    published.value = { ...body, document: saved_.value };
    take(null);
    state.value = "saved";
  });
  keepHere(false);
  return { number: body.number };
}

// Back to what is published: the draft is thrown away, undo brings it back.
export function discard(): void {
  const whole = published.value;
  if (whole) edit(t("Back to version %(n)s", { n: whole.number }), () => whole.document);
}

export async function remove(): Promise<void> {
  // A draft goes with its label; one that was never published goes alone.
  if (published.value) await ask("DELETE", path(""));
  else if (draft.value) await ask("DELETE", path("/draft"));
  kept = saved_.value;
  forget(name.value);
  location.assign("/templates");
}
