// What this browser keeps of a label: the label as it is, at once, and its history a moment later.
//
// Each window has a place of its own, so that two windows never overwrite each other's steps. One
// that was closed or broke down is found again by the next window that opens the same label.

import type { Step } from "./label";
import type { Document, Element } from "./types";

export interface Kept {
  document: Document;
  tag: string; // of what the gateway had when this was last the same: see `tagOf` in keeping.ts
  base: number;
  unsaved: boolean;
  at: number; // when it was changed last
  alive: number; // when its window was last seen; 0 when that was closed
}

export interface History { place: number; steps: readonly Step[] }

const NOW = "gw-label:", STEPS = "gw-steps:", WINDOW = "gw-window";
const ALIVE = 5000; // ms after which a window that says nothing is gone
const LONGEST = 2_000_000; // characters of a history
const DAYS = 14 * 86_400_000;

// ---------------------------------------------------------------- packing

// Steps share what did not change; packed, each element is written once.
interface Packed { place: number; elements: string[]; heads: string[]; steps: [string, number, number[], string[]][] }

const written = new WeakMap<object, string>();

function write(part: object): string {
  let text = written.get(part);
  if (text === undefined) written.set(part, text = JSON.stringify(part));
  return text;
}

export function pack(steps: readonly Step[], place: number): Packed {
  const elements: string[] = [], heads: string[] = [], found = new Map<string, number>();
  const put = (text: string, into: string[]): number => {
    let n = found.get(text);
    if (n === undefined) { n = into.push(text) - 1; found.set(text, n); }
    return n;
  };
  return {
    place, elements, heads,
    steps: steps.map(({ title, document, selection }) => [
      title,
      // Keys keep their order: what comes back is the very JSON.
      put(`h${JSON.stringify({ ...document, elements: 0 })}`, heads),
      document.elements.map((one) => put(`e${write(one)}`, elements)),
      [...selection],
    ]),
  };
}

export function unpack({ place, elements, heads, steps }: Packed): History {
  const parts = elements.map((text) => JSON.parse(text.slice(1)) as Element);
  return {
    place,
    steps: steps.map(([title, head, inside, selection]) => ({
      title, selection,
      document: { ...JSON.parse(heads[head]!.slice(1)), elements: inside.map((n) => parts[n]!) },
    })),
  };
}

// ---------------------------------------------------------------- this window's place

let own = "";
let forgotten = false; // nothing more is kept of it

function token(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (n) => n.toString(16).padStart(2, "0")).join("");
}

function key(kind: string, name: string, window = own): string {
  return `${kind}${name}:${window}`;
}

function get<T>(at: string): T | null {
  try { return JSON.parse(localStorage.getItem(at) || "null"); } catch { return null; }
}

function put(at: string, text: string): boolean {
  try { localStorage.setItem(at, text); return true; } catch { /* full: histories make room */ }
  for (const other of keys(STEPS)) if (other !== at) drop(other);
  try { localStorage.setItem(at, text); return true; } catch { return false; }
}

function drop(at: string): void {
  try { localStorage.removeItem(at); } catch { /* nothing can be kept here at all */ }
}

function keys(beginning: string): string[] {
  try { return Object.keys(localStorage).filter((one) => one.startsWith(beginning)); } catch { return []; }
}

// Take this window's place for a label, or that of a window which is gone; what was kept there.
export function arrive(name: string): { kept: Kept; history: History | null } | null {
  const now = Date.now();
  for (const at of keys(NOW)) {
    const one = get<Kept>(at);
    if (!one || (!one.unsaved && now - one.at > DAYS)) { drop(at); drop(STEPS + at.slice(NOW.length)); }
  }
  try {
    own = sessionStorage.getItem(WINDOW) || "";
    // A window that is copied while this one is open shall not find the same place.
    sessionStorage.removeItem(WINDOW);
    addEventListener("pagehide", () => { sessionStorage.setItem(WINDOW, own); touch(name, 0); });
    addEventListener("pageshow", () => { sessionStorage.removeItem(WINDOW); touch(name, Date.now()); });
  } catch { /* without storage nothing is kept */ }
  own = own || token();
  setInterval(() => touch(name, Date.now()), ALIVE / 2);
  let from = key(NOW, name), kept = get<Kept>(from);
  if (!kept) {
    const gone = keys(`${NOW}${name}:`)
      .map((at) => ({ at, one: get<Kept>(at) }))
      .filter(({ one }) => one && now - one.alive > ALIVE)
      .sort((a, b) => b.one!.at - a.one!.at)[0];
    if (!gone) return null;
    from = gone.at;
    kept = gone.one!;
  }
  const place = STEPS + from.slice(NOW.length), packed = get<Packed>(place);
  if (from !== key(NOW, name)) { drop(from); drop(place); }
  return { kept, history: packed && unpack(packed) };
}

function touch(name: string, alive: number): void {
  const one = get<Kept>(key(NOW, name));
  if (one) put(key(NOW, name), JSON.stringify({ ...one, alive }));
}

// Whether it is kept: false where the browser has no room.
export function remember(name: string, one: Omit<Kept, "at" | "alive">): boolean {
  return put(key(NOW, name), JSON.stringify({ ...one, at: Date.now(), alive: Date.now() }));
}

export function rememberSteps(name: string, steps: readonly Step[], place: number): void {
  if (forgotten) return;
  let from = 0;
  for (;;) {
    const text = JSON.stringify(pack(steps.slice(from), place - from));
    if (text.length <= LONGEST && put(key(STEPS, name), text)) return;
    from += Math.ceil((steps.length - from) / 2);
    if (from > place) { drop(key(STEPS, name)); return; }
  }
}

export function forget(name: string): void {
  forgotten = true;
  drop(key(NOW, name));
  drop(key(STEPS, name));
}

// Small choices of this browser, such as the unit.
export function chosen(what: string): string {
  try { return localStorage.getItem(`gw-editor:${what}`) || ""; } catch { return ""; }
}

export function choose(what: string, value: string): void {
  try { localStorage.setItem(`gw-editor:${what}`, value); } catch { /* for this window only, then */ }
}
