// What a key is when an element leaves it out, as gateway/templates/document.py says. What equals it
// is never written down, so that equal labels stay equal byte for byte.

import type { Element, Kind } from "./types";

const EVERY = { rotation: 0, print_when: "", title: "", group: "", locked: false };

const OWN: Record<Kind, Record<string, unknown>> = {
  text: {
    font: "sans", min_size: 0, wrap: false, max_lines: 200, line_spacing: 100, align: "auto",
    valign: "top", reverse: false, collapse: false,
  },
  barcode: {
    module: null, align: "left", valign: "top", text: "none", text_size: 3000, text_font: "sans",
    error_correction: "M", square: true, columns: null, rows: null, row_height: null,
    security_level: null, error_percent: 23, segments: 4,
  },
  image: { dither: "threshold", threshold: 128, align: "center", valign: "middle" },
  box: { thickness: 250, filled: false, radius: 0 },
  line: { thickness: 250, direction: "-" },
  ellipse: { thickness: 250, filled: false },
  raw: { density: null },
};

const NEEDED: Record<Kind, readonly string[]> = {
  text: ["content", "size"], barcode: ["content", "symbology"], image: ["picture"],
  box: [], line: [], ellipse: [], raw: ["language", "commands"],
};

const PLACE = ["x", "y", "width", "height"];

// Whether an element of this kind has such a key.
export function has(one: Element, key: string): boolean {
  return key in EVERY || key in OWN[one.type] || PLACE.includes(key) || NEEDED[one.type].includes(key);
}

// What the key is, written down or not.
export function valueOf(one: Element, key: string): any {
  const written = (one as any)[key];
  return written === undefined ? ({ ...EVERY, ...OWN[one.type] } as any)[key] : written;
}

// What of `keys` is to be written down; undefined stands for "left out".
export function lean(one: Element, keys: Record<string, unknown>): Record<string, unknown> {
  const plain: Record<string, unknown> = { ...EVERY, ...OWN[one.type] };
  return Object.fromEntries(
    Object.entries(keys).map(([key, value]) => [key, value === plain[key] ? undefined : value]),
  );
}

// What all have in common; undefined when they differ.
export function shared(chosen: readonly Element[], key: string): any {
  const first = valueOf(chosen[0]!, key);
  return chosen.every((one) => valueOf(one, key) === first) ? first : undefined;
}
