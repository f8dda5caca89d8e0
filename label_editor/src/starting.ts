// What is put on the label, to begin with: of a size that suits the stock and the print head, on the
// first paper that is free.

import { meets, type Box, type Size } from "./boxes";
import { valueOf } from "./defaults";
import type { Symbology } from "./symbologies";
import type { Document, Element, Kind } from "./types";
import { density, toUm, type Density } from "./units";

const MARGIN = 1000; // µm to the edge and to what is there

const atMost = (wanted: number, whole: number): number => Math.min(wanted, Math.max(500, Math.floor((whole * 4) / 5 / 500) * 500));

// µm that are `dots` dots at least: rounding must not take one away.
const dotsUp = (dots: number, at: Density): number => toUm(dots, at) + 1;

// The size of a code that shows `one`'s sample well: bars of about 3 dots at 8 dots/mm, squares of 4,
// fewer where the stock is too small for that.
export function codeSize(one: Symbology, stock: Size, written: number | string): Size & { module: number } {
  const at = density(written), dots = (um: number): number => Math.max(1, Math.floor((um * at.n) / (1000 * at.d)));
  const [left, right, above, below] = one.quiet, linear = one.kind === "linear";
  const across = dots(stock.width) - 2, down = dots(stock.height) - 2;
  let module = Math.max(2, dots(linear || one.columns > 60 ? 380 : 500));
  const fits = (n: number): boolean =>
    n * (one.columns + left + right) <= across && (linear || n * (one.rows + above + below) <= down);
  while (module > 2 && !fits(module)) module -= 1;
  const width = dotsUp(module * one.columns, at);
  if (!linear) return { width, height: dotsUp(module * one.rows, at), module };
  const bars = Math.max(12_000, dotsUp(one.least_height * module, at));
  return { width, height: Math.max(Math.min(bars + 4500, stock.height), Math.min(bars, atMost(bars, stock.height))), module };
}

export function textSize(stock: Size): Size & { size: number } {
  const size = Math.min(5000, Math.max(2000, Math.round(stock.height / 12 / 250) * 250));
  return { size, width: atMost(40_000, stock.width), height: Math.min(stock.height, Math.ceil((size * 13) / 1000) * 100) };
}

export function shapeSize(kind: Kind, stock: Size): Size {
  switch (kind) {
    case "line": return { width: atMost(40_000, stock.width), height: 500 };
    case "ellipse": return { width: atMost(20_000, stock.width), height: atMost(12_000, stock.height) };
    default: return { width: atMost(30_000, stock.width), height: atMost(15_000, stock.height) };
  }
}

// The first free place from the top left, with paper left free round it; null when there is none.
export function freePlace(document: Document, size: Size, quiet = 0): { x: number; y: number } | null {
  const { width, height } = document.size, apart = Math.max(MARGIN, quiet), step = 1000;
  const taken = document.elements.filter((one) => !isFrame(one, document.size));
  for (let y = MARGIN; y + size.height + Math.min(apart, MARGIN) <= height; y += step) {
    for (let x = apart; x + size.width + apart <= width; x += step) {
      const mine: Box = { x: x - apart, y: y - MARGIN, width: size.width + 2 * apart, height: size.height + 2 * MARGIN };
      if (!taken.some((one) => meets(one, mine))) return { x, y };
    }
  }
  return null;
}

// A frame round everything holds the rest, and is in nobody's way.
function isFrame(one: Element, stock: Size): boolean {
  return (one.type === "box" || one.type === "ellipse") && !valueOf(one, "filled") && one.width * one.height * 2 > stock.width * stock.height;
}
