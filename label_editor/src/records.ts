// Which record fills the label on the screen: scanned, typed, the first, the longest, an empty one.

import { computed, effect, signal } from "@preact/signals";
import { Away, Refused, ask } from "./api";
import { document_, saved_ } from "./label";
import { choose, chosen } from "./remembering";
import { announce, tell } from "./said";
import { name } from "./session";
import { record } from "./tiles";
import type { Document, Field } from "./types";
import { t } from "./words";

export interface Found { number: number; title: string; detail: string; fields: Record<string, string> }
interface Answer { items: Found[]; about: string | null; sample: boolean; emptied: string[] }

export type End = "first" | "longest" | "empty";

export const shown = signal<Found | null>(null);
export const sample = signal(true); // examples, since the registry has nothing like it
export const choices = signal<readonly Found[]>([]);
export const emptied = signal<readonly string[]>([]);
// Values typed here by field; they go before the record's.
export const typed = signal<Record<string, string>>({});
export const tried = signal(chosen("tried") !== ""); // somebody has scanned or typed a record

// What of the registry fills a label: what it says itself, else what its fields are called after.
export function aboutOf(document: Document): string {
  if (document.about) return document.about;
  const names = new Set((document.fields || []).map((one) => one.name));
  if (names.has("serial")) return "serial";
  if (names.has("lot")) return "lot";
  if (names.has("item") || names.has("sku")) return "item";
  if (names.has("location") || names.has("bin")) return "location";
  return names.has("customer") || names.has("party") ? "party" : "";
}

// The field that a scan fills when nothing is known under it.
export function fieldFor(document: Document): Field | undefined {
  const fields = document.fields || [], noun = aboutOf(document);
  return fields.find((one) => one.name === noun) || fields.find((one) => one.required) || fields[0];
}

const noun = computed(() => aboutOf(document_.value));
const names = computed(() => (document_.value.fields || []).map((one) => one.name).join(","));

async function query(more: Record<string, string | number>): Promise<Answer | null> {
  const asked = new URLSearchParams({ names: names.value });
  if (noun.value) asked.set("about", noun.value);
  for (const [key, value] of Object.entries(more)) asked.set(key, String(value));
  try {
    return (await ask<Answer>("GET", `/v1/editor/records?${asked}`)).body;
  } catch (error) {
    if (error instanceof Away || error instanceof Refused) return null; // the banner says so
    throw error;
  }
}

function fill(): void {
  const from = shown.value && !sample.value ? shown.value.fields : {};
  const next = { ...from, ...typed.value };
  if (JSON.stringify(next) !== JSON.stringify(record.value)) record.value = next;
}

function show(one: Found, answer: Answer): void {
  shown.value = one;
  sample.value = answer.sample;
  emptied.value = answer.emptied;
  choices.value = [];
  typed.value = {};
  if (!answer.sample) announce(t("Showing %(title)s", { title: one.title }));
}

let newest = 0;

// Show what was scanned or typed. What the registry does not know is shown as it was typed.
export async function look(text: string): Promise<void> {
  const wanted = text.trim(), mine = ++newest;
  if (!wanted) return;
  tried.value = true;
  choose("tried", "1");
  const answer = noun.value ? await query({ q: wanted }) : null;
  if (mine !== newest) return;
  const found = answer && !answer.sample ? answer.items : [];
  const exact = found.find((one) => one.title === wanted) || (found.length === 1 ? found[0] : undefined);
  if (answer && exact) return show(exact, answer);
  if (found.length) { choices.value = found; return; }
  const field = fieldFor(saved_.value);
  if (!field) return tell(t("This label has no field that changes from one print to the next."), "look");
  choices.value = [];
  // What stands beside it is not known either: examples beside a real number would be a lie.
  typed.value = { ...(answer ? blanks(saved_.value, {}) : typed.value), [field.name]: wanted };
  if (answer) announce(t("%(text)s is not in the registry; the label shows it as it was typed.", { text: wanted }));
}

export function pick(one: Found): void {
  show(one, { items: [one], about: noun.value, sample: false, emptied: [] });
}

export async function end(which: End): Promise<void> {
  const mine = ++newest, answer = await query({ which });
  const one = answer?.items[0];
  if (mine !== newest || !answer || !one) return;
  show(one, answer);
  // Examples are what the label shows anyway, but for the end of them that was asked for.
  if (answer.sample && which !== "first") typed.value = blanks(saved_.value, one.fields);
  if (answer.sample) announce(t("Showing example values"));
}

function blanks(document: Document, fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries((document.fields || []).map((one) => [one.name, fields[one.name] ?? ""]));
}

// The next record (1), or the one before (-1).
export async function step(way: 1 | -1): Promise<void> {
  const now = shown.value;
  if (!now || sample.value) return void end("first");
  const mine = ++newest, answer = await query({ which: way > 0 ? "next" : "previous", of: now.number });
  if (mine !== newest || !answer) return;
  const one = answer.items[0];
  if (one) show(one, answer);
  else announce(way > 0 ? t("That was the last one.") : t("That was the first one."));
}

// Begin with the first record there is, and keep what was typed for this label.
export async function beginRecords(): Promise<void> {
  effect(() => { void shown.value, sample.value, typed.value; fill(); });
  const asked = new URLSearchParams(location.search).get("record");
  if (asked) return look(asked);
  const before = chosen(`typed:${name.value}`);
  await end("first");
  if (before) typed.value = JSON.parse(before) as Record<string, string>;
  effect(() => choose(`typed:${name.value}`, Object.keys(typed.value).length ? JSON.stringify(typed.value) : ""));
}
