// Places on the label, in whole micrometres: the sums, and nothing that is shown.

export interface Box { x: number; y: number; width: number; height: number }
export interface Size { width: number; height: number }
export interface Point { x: number; y: number }

export type Edge = "left" | "center" | "right" | "top" | "middle" | "bottom";
export type Axis = "across" | "down";

export const clamp = (value: number, least: number, most: number): number =>
  Math.max(least, Math.min(value, Math.max(least, most)));

// The smallest box round them all.
export function around(boxes: readonly Box[]): Box {
  const x = Math.min(...boxes.map((one) => one.x)), y = Math.min(...boxes.map((one) => one.y));
  const right = Math.max(...boxes.map((one) => one.x + one.width));
  const bottom = Math.max(...boxes.map((one) => one.y + one.height));
  return { x, y, width: right - x, height: bottom - y };
}

// The box moved, and where it must be made smaller, so that it lies on the paper.
export function inside(box: Box, paper: Size): Box {
  const width = Math.min(box.width, paper.width), height = Math.min(box.height, paper.height);
  return { x: clamp(box.x, 0, paper.width - width), y: clamp(box.y, 0, paper.height - height), width, height };
}

// How far a box may go of a way, and stay on the paper.
export function way(box: Box, dx: number, dy: number, paper: Size): Point {
  return {
    x: clamp(dx, -box.x, paper.width - box.x - box.width),
    y: clamp(dy, -box.y, paper.height - box.y - box.height),
  };
}

// Where a box goes so that an edge of it lies on that edge of `within`.
export function aligned(box: Box, edge: Edge, within: Box): Point {
  switch (edge) {
    case "left": return { x: within.x, y: box.y };
    case "center": return { x: within.x + Math.floor((within.width - box.width) / 2), y: box.y };
    case "right": return { x: within.x + within.width - box.width, y: box.y };
    case "top": return { x: box.x, y: within.y };
    case "middle": return { x: box.x, y: within.y + Math.floor((within.height - box.height) / 2) };
    case "bottom": return { x: box.x, y: within.y + within.height - box.height };
  }
}

// Where each box begins so that the gaps between them are equal; the outermost two stay. What does
// not come out even goes to the last gaps, one micrometre each.
export function spread(boxes: readonly Box[], axis: Axis): number[] {
  const side = axis === "across" ? "width" : "height", start = axis === "across" ? "x" : "y";
  const order = boxes.map((_, n) => n).sort((a, b) => boxes[a]![start] - boxes[b]![start] || a - b);
  const first = boxes[order[0]!]!, last = boxes[order[order.length - 1]!]!;
  const taken = boxes.reduce((sum, one) => sum + one[side], 0);
  const free = last[start] + last[side] - first[start] - taken, gaps = boxes.length - 1;
  const found = boxes.map((one) => one[start]);
  let used = 0;
  order.forEach((box, n) => {
    if (n < gaps) found[box] = first[start] + used + Math.floor((free * n) / gaps);
    used += boxes[box]![side];
  });
  return found;
}

// The same places after a quarter turn to the right round the middle of each.
export function turned(box: Box, paper: Size): Box {
  const x = box.x + Math.floor((box.width - box.height) / 2), y = box.y + Math.floor((box.height - box.width) / 2);
  return inside({ x, y, width: box.height, height: box.width }, paper);
}

export const meets = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

export const holds = (box: Box, { x, y }: Point): boolean =>
  x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
