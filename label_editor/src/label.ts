// The label being edited: its document, what is selected, and every step back.
//
// A document is never changed in place: an edit makes a new one that shares what did not change. So a
// step of the history is a pointer, undo gives back the very JSON, and a drawing knows what is new.

import { batch, computed, signal } from "@preact/signals";
import type { Document, Element } from "./types";

export interface Step { title: string; document: Document; selection: readonly string[] }

export const steps = signal<readonly Step[]>([]);
export const at = signal(0); // the step that is shown
export const selection = signal<readonly string[]>([]);
// What a gesture shows before it ends: nothing of it is in the history yet.
export const held = signal<Document | null>(null);
// Who looks at the label may not change it.
export const readonly = signal(false);

export const document_ = computed<Document>(() => held.value || steps.value[at.value]!.document);
export const saved_ = computed<Document>(() => steps.value[at.value]!.document);
export const elements = computed(() => document_.value.elements);
export const selected = computed(() => elements.value.filter((one) => selection.value.includes(one.id)));

const MOST_STEPS = 500;
const JOIN_WITHIN = 600; // ms between two keys of one word

let joined = "", joined_at = 0;

export function open(document: Document, title: string): void {
  // The gateway leaves out what is empty.
  const whole = { ...document, elements: document.elements || [] };
  batch(() => {
    steps.value = [{ title, document: whole, selection: [] }];
    at.value = 0;
    selection.value = [];
    held.value = null;
  });
  joined = "";
}

export function restore(kept: readonly Step[], place: number): void {
  batch(() => {
    steps.value = kept;
    at.value = place;
    selection.value = kept[place]!.selection;
    held.value = null;
  });
}

// Change the label. Edits with the same `join` that follow each other at once are one step: a word
// typed, a value turned.
export function edit(title: string, change: (document: Document) => Document, join = ""): void {
  const before = saved_.value, after = change(before);
  held.value = null;
  if (after === before || readonly.value) return;
  const now = Date.now();
  const same = join !== "" && join === joined && now - joined_at < JOIN_WITHIN && at.value === steps.value.length - 1 && at.value > 0;
  joined = join;
  joined_at = now;
  const step = { title, document: after, selection: selection.value };
  const kept = steps.value.slice(same ? 0 : Math.max(0, at.value + 2 - MOST_STEPS), same ? at.value : at.value + 1);
  batch(() => {
    steps.value = [...kept, step];
    at.value = kept.length;
  });
}

export function go(to: number): void {
  const step = steps.value[to];
  if (!step) return;
  joined = "";
  batch(() => {
    held.value = null;
    at.value = to;
    const there = new Set(step.document.elements.map((one) => one.id));
    // Who looks at something goes on looking at it, as long as it is there.
    const kept = selection.value.filter((id) => there.has(id));
    selection.value = kept.length ? kept : step.selection.filter((id) => there.has(id));
  });
}

export const undo = (): void => go(at.value - 1);
export const redo = (): void => go(at.value + 1);

export function select(...ids: string[]): void {
  selection.value = ids;
}

export function find(id: string): Element | undefined {
  return elements.value.find((one) => one.id === id);
}

// Elements with the keys of `set` changed; a key that becomes undefined is left out again, so that
// what equals a default is not written down.
export function change(document: Document, set: Record<string, Partial<Element> | Record<string, unknown>>): Document {
  let touched = false;
  const elements = document.elements.map((one) => {
    const keys = set[one.id];
    if (!keys || Object.entries(keys).every(([key, value]) => (one as any)[key] === value)) return one;
    touched = true;
    const next: any = { ...one, ...keys };
    for (const key of Object.keys(keys)) if (next[key] === undefined) delete next[key];
    return next as Element;
  });
  return touched ? { ...document, elements } : document;
}

// A new id: code, code2, code3 …
export function fresh(stem: string, document: Document = saved_.value): string {
  const taken = new Set(document.elements.map((one) => one.id));
  if (!taken.has(stem)) return stem;
  let n = 2;
  while (taken.has(`${stem}${n}`)) n += 1;
  return `${stem}${n}`;
}
