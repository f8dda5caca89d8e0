// Two fingers: they take the label with them, and spread it. What one finger had begun is left.

import type { Point } from "./boxes";
import { gesturing } from "./shown";
import { zoom, zoomTo } from "./zoom";

const fingers = new Map<number, Point>();
let spread = 0, middle: Point = { x: 0, y: 0 }, from = 1;

function both(): { spread: number; middle: Point } | null {
  const [a, b] = [...fingers.values()];
  if (!a || !b) return null;
  return { spread: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)), middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 } };
}

// A pointer came down; true when it is the second finger, and from now on two of them zoom.
export function finger(event: PointerEvent): boolean {
  if (event.pointerType !== "touch") return false;
  fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  if (fingers.size !== 2) return fingers.size > 2;
  ({ spread, middle } = both()!);
  from = zoom.value;
  gesturing.value = "pan";
  return true;
}

// A finger moved; true when it belongs to two.
export function pinching(event: PointerEvent): boolean {
  if (!fingers.has(event.pointerId)) return false;
  fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  if (fingers.size < 2) return false;
  const now = both()!;
  zoomTo((from * now.spread) / spread, middle, now.middle);
  middle = now.middle;
  return true;
}

export function leave(event: PointerEvent): void {
  if (fingers.delete(event.pointerId) && fingers.size === 1 && gesturing.value === "pan") gesturing.value = "";
}
