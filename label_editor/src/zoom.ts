// How large the label is shown, and which part of it.
//
// At zoom 1 a dot of the printer is one CSS pixel, and the label stands on whole pixels.

import { computed, effect, signal } from "@preact/signals";
import { clamp, type Point } from "./boxes";
import { calibration } from "./habits";
import { at, dots } from "./place";

export const zoom = signal(1); // CSS pixels a dot
export const fitted = signal(true); // follows the room there is
export const view = signal({ width: 0, height: 0, left: 0, top: 0, dx: 0, dy: 0 }); // of the ground, in CSS pixels; dx, dy: to the next whole pixel

const MARGIN = 52; // CSS pixels round the label: handles, the feed arrow
const STEPS = [0.1, 0.15, 0.2, 0.25, 0.33, 0.5, 0.67, 0.75, 1, 1.25, 1.5, 2, 3, 4, 6, 8, 12, 16];
const LEAST = STEPS[0]!, MOST = STEPS[STEPS.length - 1]!;
const CSS_MM = 96 / 25.4; // CSS pixels a millimetre, as the screen says

// What is scrolled, and where the label lies on it.
export const ground = computed(() => {
  const { width, height } = view.value, wide = dots.value.width * zoom.value, high = dots.value.height * zoom.value;
  return {
    left: Math.max(MARGIN, Math.floor((width - wide) / 2)) + view.value.dx,
    top: Math.max(MARGIN, Math.floor((height - high) / 2)) + view.value.dy,
    width: Math.max(width, Math.ceil(wide) + 2 * MARGIN), height: Math.max(height, Math.ceil(high) + 2 * MARGIN),
  };
});

let scroller: HTMLElement | null = null;
let wanted: Point | null = null; // where to scroll as soon as the ground has its new size

export function look(): void {
  if (!scroller) return;
  const { clientWidth: width, clientHeight: height, scrollLeft: left, scrollTop: top } = scroller;
  const frame = scroller.getBoundingClientRect(), now = view.value;
  const dx = Math.ceil(frame.left) - frame.left, dy = Math.ceil(frame.top) - frame.top;
  if (now.width !== width || now.height !== height || now.left !== left || now.top !== top || now.dx !== dx || now.dy !== dy) {
    view.value = { width, height, left, top, dx, dy };
  }
}

// Keep an eye on what scrolls the label.
export function watch(element: HTMLElement): () => void {
  scroller = element;
  const seen = new ResizeObserver(look);
  seen.observe(element);
  look();
  const done = effect(() => {
    const { width, height } = view.value;
    if (fitted.value && width > 0) zoom.value = fitting(width, height);
  });
  return () => { seen.disconnect(); done(); scroller = null; };
}

function fitting(width: number, height: number): number {
  const most = Math.min((width - 2 * MARGIN) / dots.value.width, (height - 2 * MARGIN) / dots.value.height);
  // Above one pixel a dot only steps of a half keep dots alike.
  return clamp(most >= 1 ? Math.floor(most * 2) / 2 : most, LEAST, MOST);
}

// After the ground was drawn anew.
export function settle(): void {
  if (!scroller || !wanted) return;
  scroller.scrollLeft = wanted.x;
  scroller.scrollTop = wanted.y;
  wanted = null;
  look();
}

// Show it at this zoom. What is under `anchor` (a point of the window) stays under `then`.
export function zoomTo(to: number, anchor?: Point, then: Point | undefined = anchor): void {
  const next = clamp(to, LEAST, MOST);
  if (!scroller) { zoom.value = next; return; }
  const frame = scroller.getBoundingClientRect(), before = ground.value;
  const from = anchor || { x: frame.left + frame.width / 2, y: frame.top + frame.height / 2 }, end = then || from;
  const left = wanted ? wanted.x : scroller.scrollLeft, top = wanted ? wanted.y : scroller.scrollTop;
  const x = (from.x - frame.left + left - before.left) / zoom.value, y = (from.y - frame.top + top - before.top) / zoom.value;
  fitted.value = false;
  zoom.value = next;
  const after = ground.value;
  wanted = {
    x: Math.max(0, x * next + after.left - (end.x - frame.left)),
    y: Math.max(0, y * next + after.top - (end.y - frame.top)),
  };
  requestAnimationFrame(settle);
}

export function scrollBy(dx: number, dy: number): void {
  if (!scroller) return;
  scroller.scrollLeft += dx;
  scroller.scrollTop += dy;
}

export const zoomIn = (): void => zoomTo(STEPS.find((step) => step > zoom.value * 1.001) || MOST);
export const zoomOut = (): void => zoomTo([...STEPS].reverse().find((step) => step < zoom.value * 0.999) || LEAST);

// The whole label, as large as there is room.
export function fit(): void {
  fitted.value = true;
  zoom.value = fitting(view.value.width, view.value.height);
}

// A millimetre of paper is a millimetre of this screen.
export const actual = (): void => zoomTo(((CSS_MM * 100) / calibration.value) / (at.value.n / at.value.d));

// One dot, one pixel.
export const exact = (): void => zoomTo(1);

// The screen showed a line of 100 mm; a ruler says how long it is.
export function calibrate(shown: number): void {
  calibration.value = clamp((calibration.value * shown) / 100, 30, 300);
}
