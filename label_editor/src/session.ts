// Which label is open, who looks at it, and for which printer.

import { computed, signal } from "@preact/signals";
import { ask } from "./api";
import { choose, chosen } from "./remembering";
import { head } from "./tiles";

export interface About {
  name: string;
  language: string;
  words: string; // where they are; empty when it speaks English
  me: string;
  may: { templates: boolean; print: boolean };
  approval: boolean; // a second person has to agree before a version prints
  fresh: boolean; // nobody has made a label here yet
}

export interface Printer {
  name: string;
  density: number | string;
  media: { width: number; height: number; stock: string };
  language: string;
  paused: boolean;
  virtual: boolean;
  status: { condition: string; sentence: string };
}

export const name = signal("");
export const about = signal<About>({
  name: "", language: "en", words: "", me: "", may: { templates: true, print: true }, approval: false, fresh: false,
});
export const unit = signal<"mm" | "in">(chosen("unit") === "in" ? "in" : "mm");
export const printers = signal<readonly Printer[]>([]);
export const printer = computed(() => printers.value.find((one) => one.name === head.value.printer));

export const DENSITIES = [6, 8, 12, 24] as const;

// Draw the label for a printer's head, or for one that is no printer's.
export function drawFor(choice: string): void {
  head.value = choice.startsWith("density:") ? { density: Number(choice.slice(8)) } : { printer: choice };
  choose(`head:${name.value}`, choice);
}

export async function lookForPrinters(): Promise<void> {
  const { body } = await ask<{ items: Printer[] }>("GET", "/v1/printers?limit=500");
  printers.value = body.items;
}

// The one chosen here before; else one with this stock in it; else any.
export function choosePrinter(size: { width: number; height: number }): void {
  const last = chosen(`head:${name.value}`), all = printers.value;
  if (last.startsWith("density:") || all.some((one) => one.name === last)) return drawFor(last);
  const near = (one: Printer): boolean => Math.abs(one.media.width - size.width) < 1500 && Math.abs(one.media.height - size.height) < 1500;
  const found = all.find((one) => near(one) && !one.paused) || all.find(near) || all[0];
  head.value = found ? { printer: found.name } : { density: 8 };
}
