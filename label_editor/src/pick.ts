// Which element a finger or a mouse means: what prints comes before what does not, what is in front
// before what is behind, and what is meant exactly before what is only near.

import { holds, type Box, type Point, type Size } from "./boxes";
import type { Drawn, Element } from "./types";

const grown = (box: Box, by: number): Box => ({ x: box.x - by, y: box.y - by, width: box.width + 2 * by, height: box.height + 2 * by });

const isOutline = (one: Element): boolean => (one.type === "box" || one.type === "ellipse") && !one.filled;

// Whether the point is on what the element prints, or at most `slack` µm beside it.
function meant(one: Element, point: Point, slack: number): boolean {
  if (!holds(grown(one, slack), point)) return false;
  if (!isOutline(one)) return true;
  const line = (one as { thickness?: number }).thickness || 250;
  return !holds(grown(one, -line - slack), point);
}

export function pick(
  elements: readonly Element[], drawn: ReadonlyMap<string, Drawn>, point: Point, slack: number, paper: Size,
): string | null {
  const front = [...elements].reverse();
  const silent = (one: Element) => { const found = drawn.get(one.id); return Boolean(found) && found!.parts.length === 0; };
  const printing = front.filter((one) => !silent(one));
  const found =
    printing.find((one) => meant(one, point, 0)) ||
    printing.find((one) => meant(one, point, slack)) ||
    front.find((one) => silent(one) && meant(one, point, 0)) ||
    // The inside of a frame, unless it is a frame round everything.
    front.find((one) => isOutline(one) && holds(one, point) && 2 * one.width * one.height < paper.width * paper.height);
  return found ? found.id : null;
}
