// Where something that is moved comes to rest: on lines of the others, of the label, or the grid.
// Sums only, in micrometres.

import type { Box, Size } from "./boxes";

export interface Guide { axis: "x" | "y"; at: number; from: number; to: number }
export interface Rules { grid: number; near: number; margin: number }
export interface Snapped { dx: number; dy: number; guides: Guide[] }

interface Line { at: number; from: number; to: number; middle?: boolean }
interface Span { start: number; end: number; low: number; high: number }

const along = (one: Box, axis: "x" | "y"): Span => axis === "x"
  ? { start: one.x, end: one.x + one.width, low: one.y, high: one.y + one.height }
  : { start: one.y, end: one.y + one.height, low: one.x, high: one.x + one.width };

// The lines that the others and the label give on an axis.
function lines(others: readonly Span[], length: number, across: number, margin: number): Line[] {
  const found: Line[] = [
    { at: 0, from: 0, to: across }, { at: length, from: 0, to: across },
    { at: margin, from: 0, to: across }, { at: length - margin, from: 0, to: across },
    { at: length / 2, from: 0, to: across, middle: true },
  ];
  for (const one of others) {
    found.push({ at: one.start, from: one.low, to: one.high }, { at: one.end, from: one.low, to: one.high });
    found.push({ at: (one.start + one.end) / 2, from: one.low, to: one.high, middle: true });
  }
  return found;
}

// Where something so long would begin to have the same gap on both sides, or as its neighbours have.
function gaps(mine: Span, others: readonly Span[]): { start: number; guides: [number, number][]; beside: number }[] {
  const row = others.filter((one) => one.low < mine.high && mine.low < one.high).sort((a, b) => a.start - b.start);
  const length = mine.end - mine.start, found: { start: number; guides: [number, number][]; beside: number }[] = [];
  for (let n = 0; n < row.length; n += 1) {
    const one = row[n]!, next = row[n + 1];
    if (!next || next.start < one.end) continue;
    const gap = next.start - one.end, beside = Math.max(one.low, mine.low);
    if (gap > length) {
      const start = one.end + (gap - length) / 2;
      found.push({ start, guides: [[one.end, start], [start + length, next.start]], beside });
    }
    found.push({ start: next.end + gap, guides: [[one.end, next.start], [next.end, next.end + gap]], beside });
    found.push({ start: one.start - gap - length, guides: [[one.start - gap, one.start], [one.end, next.start]], beside });
  }
  return found;
}

function nearest(points: readonly { at: number; middle: boolean }[], all: readonly Line[], near: number): number | null {
  let best: number | null = null;
  for (const point of points) {
    for (const line of all) {
      // A middle meets middles, an edge meets edges.
      if (point.middle !== Boolean(line.middle)) continue;
      const way = line.at - point.at;
      if (Math.abs(way) <= near && (best === null || Math.abs(way) < Math.abs(best))) best = way;
    }
  }
  return best;
}

const toGrid = (value: number, grid: number): number => Math.round(Math.round(value / grid) * grid);

function axisMove(axis: "x" | "y", box: Box, others: readonly Box[], paper: Size, rules: Rules): { way: number; guides: Guide[] } {
  const mine = along(box, axis), spans = others.map((one) => along(one, axis));
  const length = axis === "x" ? paper.width : paper.height, across = axis === "x" ? paper.height : paper.width;
  const all = lines(spans, length, across, rules.margin);
  const points = (by: number) => [
    { at: mine.start + by, middle: false }, { at: mine.end + by, middle: false },
    { at: (mine.start + mine.end) / 2 + by, middle: true },
  ];
  const line = nearest(points(0), all, rules.near);
  let even: ReturnType<typeof gaps>[number] | null = null;
  for (const one of gaps(mine, spans)) {
    const way = Math.abs(one.start - mine.start);
    if (way <= rules.near && (!even || way < Math.abs(even.start - mine.start))) even = one;
  }
  if (even && (line === null || Math.abs(even.start - mine.start) < Math.abs(line))) {
    const other = axis === "x" ? "y" : "x";
    // A gap is drawn along the axis, beside the things it is between.
    return {
      way: Math.round(even.start) - mine.start,
      guides: even.guides.map(([from, to]) => ({ axis: other, at: even!.beside, from, to }) as Guide),
    };
  }
  if (line === null) return { way: toGrid(mine.start, rules.grid) - mine.start, guides: [] };
  const found = points(line), guides = new Map<number, Guide>();
  for (const one of all) {
    if (!found.some((point) => point.middle === Boolean(one.middle) && Math.abs(point.at - one.at) < 1)) continue;
    const known = guides.get(one.at);
    guides.set(one.at, {
      axis, at: one.at,
      from: Math.min(known ? known.from : one.from, one.from, mine.low), to: Math.max(known ? known.to : one.to, one.to, mine.high),
    });
  }
  return { way: Math.round(mine.start + line) - mine.start, guides: [...guides.values()] };
}

// How much further a box goes so that it rests; the guides say on what.
export function snapMove(box: Box, others: readonly Box[], paper: Size, rules: Rules): Snapped {
  const x = axisMove("x", box, others, paper, rules), y = axisMove("y", box, others, paper, rules);
  return { dx: x.way, dy: y.way, guides: [...x.guides, ...y.guides] };
}

// Where an edge that is moved rests: on edges of the others, of the label, or the grid.
export function snapEdge(axis: "x" | "y", value: number, box: Box, others: readonly Box[], paper: Size, rules: Rules): { at: number; guides: Guide[] } {
  const mine = along(box, axis), spans = others.map((one) => along(one, axis));
  const length = axis === "x" ? paper.width : paper.height, across = axis === "x" ? paper.height : paper.width;
  const all = lines(spans, length, across, rules.margin).filter((one) => !one.middle);
  const way = nearest([{ at: value, middle: false }], all, rules.near);
  if (way === null) return { at: toGrid(value, rules.grid), guides: [] };
  const met = all.filter((one) => Math.abs(one.at - value - way) < 1);
  return {
    at: Math.round(value + way),
    guides: [{ axis, at: met[0]!.at, from: Math.min(mine.low, ...met.map((one) => one.from)), to: Math.max(mine.high, ...met.map((one) => one.to)) }],
  };
}
