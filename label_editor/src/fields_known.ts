// The fields a label can show: its own, and those that the registry fills for what it is about.

import { signal } from "@preact/signals";
import { ask } from "./api";
import { references } from "./expressions";
import { parse as conditions } from "./condition";
import type { Document, Element, Field } from "./types";
import { t } from "./words";

export interface Known { about: string; name: string; title: string; example: string; required: boolean; custom: boolean }

// By noun; one that was never asked for is not in it.
export const known = signal<ReadonlyMap<string, readonly Known[]>>(new Map());
const asking = new Set<string>();

export async function fetchFields(about: string): Promise<void> {
  if (!about || known.value.has(about) || asking.has(about)) return;
  asking.add(about);
  try {
    const { body } = await ask<{ items: Known[] }>("GET", `/v1/editor/fields?about=${encodeURIComponent(about)}`);
    known.value = new Map(known.value).set(about, body.items);
  } finally {
    asking.delete(about);
  }
}

export interface Offered extends Field { here: boolean; filled: boolean }

// Every field a person can choose: first what is on the label, then what the registry has besides.
export function offered(document: Document, found: readonly Known[]): Offered[] {
  const own = document.fields || [], names = new Set(own.map((one) => one.name));
  const filled = new Set(found.map((one) => one.name));
  return [
    ...own.map((one) => ({ ...one, here: true, filled: filled.has(one.name) })),
    ...found.filter((one) => !names.has(one.name)).map((one) => ({ ...fieldOf(one), here: false, filled: true })),
  ];
}

// A date of the registry is one on the label, too, so that its form can be chosen.
export function fieldOf(one: Known): Field {
  const field: Field = { name: one.name };
  if (one.title && one.title !== one.name) field.title = one.title;
  if (/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(one.example)) field.type = "date";
  if (one.required) field.required = true;
  if (one.example) field.example = one.example;
  return field;
}

// The document with a field in it.
export function withField(document: Document, field: Field): Document {
  const there = [...(document.fields || []), ...(document.counters || [])].some((one) => one.name === field.name);
  return there ? document : { ...document, fields: [...(document.fields || []), bare(field)] };
}

// Without what the gateway would leave out.
export function bare(field: Field): Field {
  const kept: any = { name: field.name };
  if (field.title && field.title !== field.name) kept.title = field.title;
  if (field.type && field.type !== "text") kept.type = field.type;
  for (const key of ["required", "default", "pattern", "example"] as const) if (field[key]) kept[key] = field[key];
  if (field.max_length && field.max_length !== 256) kept.max_length = field.max_length;
  if (field.choices && field.choices.length) kept.choices = field.choices;
  return kept;
}

export function titled(document: Document, name: string, found: readonly Known[] = []): string {
  if (name === "today") return t("Today");
  if (name === "now") return t("Now");
  const one = [...(document.fields || []), ...(document.counters || []), ...found].find((other) => other.name === name);
  return one?.title || name;
}

export function typeOf(document: Document, name: string): string {
  if (name === "today" || name === "now") return "date";
  if ((document.counters || []).some((one) => one.name === name)) return "counter";
  return (document.fields || []).find((one) => one.name === name)?.type || "text";
}

// Which elements show a field, or depend on it.
export function users(document: Document, name: string): Element[] {
  return document.elements.filter((one) => {
    const when = one.print_when || "";
    const tests = conditions(when);
    const waits = tests ? tests.tests.some((test) => test.name === name) : new RegExp(`\\b${name}\\b`).test(when);
    return waits || ("content" in one && references(one.content as string).some((reference) => reference.name === name));
  });
}

// A name in the document for what a person calls it: letters, digits and _, and nobody else's.
export function nameFor(title: string, document: Document): string {
  const plain = title.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^[_0-9]+|_+$/g, "");
  const stem = (plain || "field").slice(0, 40);
  const taken = new Set(["today", "now", ...[...(document.fields || []), ...(document.counters || [])].map((one) => one.name)]);
  let name = stem;
  for (let n = 2; taken.has(name); n += 1) name = `${stem}_${n}`;
  return name;
}
