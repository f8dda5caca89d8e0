// How the editor begins: the label is fetched, the printers are known, and its ink is followed.

import { effect } from "@preact/signals";
import { heard } from "./feed";
import { begin as keep } from "./keeping";
import { readonly, saved_ } from "./label";
import { beginRecords } from "./records";
import { choose } from "./remembering";
import { about, choosePrinter, lookForPrinters, name, unit, type About } from "./session";
import { follow } from "./tiles";
import type { Document } from "./types";

// Fetch the label and begin to draw it.
export async function begin(facts: About): Promise<void> {
  about.value = facts;
  name.value = facts.name;
  readonly.value = !facts.may.templates;
  effect(() => choose("unit", unit.value));
  const [document] = await Promise.all([keep(), lookForPrinters().catch(() => undefined)]);
  if (document) start(document);
}

// From now on the tiles follow the label, and the first record fills it.
export function start(document: Document): void {
  choosePrinter(document.size);
  follow();
  void beginRecords();
  effect(() => { globalThis.document.title = `${saved_.value.title || name.value} · label-gateway`; });
  heard("printer", () => void lookForPrinters().catch(() => undefined));
}
