// The kinds of code there are, as the gateway lists them, in the words of a warehouse.

import { signal } from "@preact/signals";
import { ask } from "./api";
import { t } from "./words";

export interface Symbology {
  name: string;
  title: string;
  kind: "linear" | "matrix";
  gs1: boolean;
  sample: string;
  columns: number;
  rows: number;
  quiet: readonly [number, number, number, number];
  least_module: number;
  least_height: number;
  options: readonly string[];
}

export const symbologies = signal<readonly Symbology[]>([]);

export async function fetchSymbologies(): Promise<void> {
  const { body } = await ask<{ items: Symbology[] }>("GET", "/v1/symbologies");
  symbologies.value = body.items;
}

export function called(name: string): Symbology | undefined {
  return symbologies.value.find((one) => one.name === name);
}

// Those that most labels need, by what they are for; all others stand behind them.
export const FIRST = ["code128", "qr", "datamatrix", "ean13", "gs1-128", "gs1-datamatrix"] as const;

export function purpose(name: string): string {
  switch (name) {
    case "code128": return t("For serials and letters");
    case "qr": return t("For phones");
    case "datamatrix": return t("For very small places");
    case "ean13": return t("For goods in shops");
    case "gs1-128": return t("For pallets and cartons in trade");
    case "gs1-datamatrix": return t("For trade, in a small place");
    default: return "";
  }
}

export function choice(one: Symbology): string {
  const use = purpose(one.name);
  return use ? t("%(use)s: %(name)s", { use, name: one.title }) : one.title;
}

// What a kind takes, in words.
export function takes(one: Symbology): string {
  switch (one.name) {
    case "code128": case "code93": return t("It takes letters without accents, digits and signs.");
    case "code39": return t("It takes capitals, digits and a few signs.");
    case "codabar": return t("It takes digits and a few signs.");
    case "itf": return t("It takes digits, an even number of them.");
    case "ean13": case "ean8": case "upca": case "itf14":
      return t("It takes %(n)s digits; the last one is a check digit.", { n: CHECKED[one.name]! });
    case "upce": return t("It takes 8 digits that begin with 0 or 1.");
    case "micro-qr": return t("It takes up to 15 letters or 35 digits.");
    case "micropdf417": return t("It takes any text up to some 150 characters.");
  }
  if (!one.gs1) return t("It takes any text.");
  return one.name.startsWith("databar") && !one.name.includes("expanded")
    ? t("It takes an item's GTIN and nothing else.")
    : t("It takes the parts of a GS1 code, each with its identifier.");
}

// Whether a content is one that was put in to begin with.
export function isSample(content: string): boolean {
  return symbologies.value.some((one) => one.sample === content);
}

// Digits of a number that ends in a check digit, for "did you mean".
export const CHECKED: Record<string, number> = { ean13: 13, ean8: 8, upca: 12, itf14: 14 };
