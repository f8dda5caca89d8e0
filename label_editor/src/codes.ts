// How wide a code is in whole dots: from the ink that the gateway drew last.

import { density, say, toDots, toUm, type Density } from "./units";
import type { BarcodeElement, Drawn, Element } from "./types";
import { t, tn } from "./words";

const LINEAR = /^(code128|gs1-128|code39|code93|codabar|itf|itf14|ean13|ean8|upca|upce|databar-(omni|truncated|limited|expanded))$/;

export const isLinear = (one: BarcodeElement): boolean => LINEAR.test(one.symbology);
const lies = (one: Element): boolean => one.rotation === 90 || one.rotation === 270;

// Modules across and down the label; null while it was never drawn.
export function modules(found: Drawn | undefined): { across: number; down: number } | null {
  if (!found || !found.module) return null;
  // The bars come before the line of text.
  const bars = found.parts[0]!;
  return { across: Math.round(bars.width / found.module), down: Math.round(bars.height / found.module) };
}

// Dots per module that a place of so many dots gives a code.
export function perModule(one: BarcodeElement, counts: { across: number; down: number }, width: number, height: number): number {
  if (isLinear(one)) return Math.floor(lies(one) ? height / counts.down : width / counts.across);
  return Math.floor(Math.min(width / counts.across, height / counts.down));
}

// The side (µm) that is whole modules and nearest to the one wanted; `way` -1 or 1: not less or more
// than one module away from `from`, in that way.
export function wholeModules(wanted: number, count: number, at: Density, most: number, from?: number): number {
  let n = Math.max(1, Math.round(toDots(wanted, at) / count));
  if (from !== undefined && wanted !== from) {
    const before = toDots(from, at) / count;
    n = wanted > from ? Math.max(n, Math.floor(before) + 1) : Math.min(n, Math.ceil(before) - 1);
    n = Math.max(1, n);
  }
  while (n > 1 && toUm(n * count, at) > most) n -= 1;
  return toUm(n * count, at);
}

// Which sides of the code's place are whole modules.
export function moduleSides(one: BarcodeElement): readonly ("width" | "height")[] {
  if (!isLinear(one)) return one.text && one.text !== "none" ? ["width"] : ["width", "height"];
  return [lies(one) ? "height" : "width"];
}

const THINNEST = 190; // µm: the narrowest bar of GS1's tables for scanning from near (healthcare)

// "3 dots per bar, 0.375 mm, good"
export function thickness(one: BarcodeElement, dots: number, written: number | string): string {
  const wide = Math.round((dots * 1000 * density(written).d) / density(written).n);
  const facts = { mm: say(wide, "mm", 3) };
  const count = isLinear(one)
    ? tn("%(n)s dot per bar, %(mm)s mm", "%(n)s dots per bar, %(mm)s mm", dots, facts)
    : tn("%(n)s dot per square, %(mm)s mm", "%(n)s dots per square, %(mm)s mm", dots, facts);
  return dots >= 2 && wide >= THINNEST ? t("%(count)s, good", { count }) : t("%(count)s, too thin", { count });
}
