// Mouse, pen and finger on the label. While a gesture lasts only `held` changes and nobody is asked;
// its end is one step back.
//
// press ──moved──► move, copy (Ctrl) or a rubber band ──up──► one edit
//       ──still──► select; twice: edit the text, or go into the group; long (touch): several

import { batch } from "@preact/signals";
import { called, copies, sayMoved, saySized, together } from "./actions";
import { around, clamp, meets, way, type Box, type Point } from "./boxes";
import { moduleSides, modules, perModule, thickness, wholeModules } from "./codes";
import { snapping } from "./habits";
import { change, edit, elements, find, held, saved_, select, selected, selection } from "./label";
import { paper, at, toLength } from "./place";
import { pick } from "./pick";
import { announce, tell } from "./said";
import { unit } from "./session";
import { clean, entered, gesturing, guides, nudging, panning, readout, rubber, several, stir, writing } from "./shown";
import { snapEdge, snapMove, type Rules } from "./snap";
import { drawn, size } from "./tiles";
import { finger, leave, pinching } from "./touch";
import type { BarcodeElement, Document, Element } from "./types";
import { say, toDots, toUm } from "./units";
import { t, tn } from "./words";
import { scrollBy, zoom } from "./zoom";

export type Way = -1 | 0 | 1;

const STILL = 3, STILL_FINGER = 9; // CSS pixels a press may move and is no drag
const TWICE = 350; // ms
const LONG = 500; // ms
const NEAR = 6; // CSS pixels from which a line attracts
const MARGIN = 2000; // µm from the edge of the label: a line to rest on

interface Press {
  pointer: number;
  from: Point; // of the window
  on: string | null;
  add: boolean; // Shift or Ctrl: to what is selected
  chosen: boolean; // it was selected before
  finger: boolean;
}

type Gesture =
  | { kind: "press"; press: Press }
  | { kind: "move"; press: Press; base: Document; list: readonly Element[]; others: readonly Box[]; title: string; before: readonly string[] }
  | { kind: "resize"; press: Press; one: Element; across: Way; down: Way; others: readonly Box[] }
  | { kind: "rubber"; press: Press; before: readonly string[] }
  | { kind: "pan"; press: Press; last: Point };

let gesture: Gesture | null = null;
let long = 0, last_up = { time: -Infinity, x: 0, y: 0, on: null as string | null, finger: false, add: false };

// The focus came with the pointer: it selects nothing by itself.
export let pointing = false;

const svg = (): SVGSVGElement => document.getElementById("label") as unknown as SVGSVGElement;

export const grid = (): number => (unit.value === "mm" ? 1000 : 25400 / 16);

// A point of the window on the label, in µm.
export function onLabel({ x, y }: Point): Point {
  const corner = svg().getBoundingClientRect();
  return { x: toLength((x - corner.left) / zoom.value), y: toLength((y - corner.top) / zoom.value) };
}

const um = (pixels: number): number => toLength(pixels / zoom.value);
const rules = (): Rules => ({ grid: grid(), near: um(NEAR), margin: MARGIN });
const toDot = (length: number): number => toUm(toDots(Math.round(length), at.value), at.value);

function under(point: Point, isFinger: boolean): string | null {
  return pick(elements.value, drawn.value, onLabel(point), um(isFinger ? 14 : 5), paper.value);
}

// What a click on an element selects: its whole group, unless the group was entered.
export function family(id: string): string[] {
  const one = find(id);
  if (one && one.group && one.group === entered.value) return [id];
  return together([id]);
}

function take(press: Press): void {
  if (!press.on) {
    if (!press.add) { select(); entered.value = ""; several.value = false; }
    return;
  }
  const mine = family(press.on), one = find(press.on);
  if (entered.value && one && one.group !== entered.value) entered.value = "";
  if (press.add || several.value) {
    const all = mine.every((id) => selection.value.includes(id));
    select(...(all ? selection.value.filter((id) => !mine.includes(id)) : [...selection.value.filter((id) => !mine.includes(id)), ...mine]));
  } else select(...mine);
  focus(press.on);
}

export function focus(id: string | null): void {
  pointing = true;
  const found = id ? document.querySelector<SVGElement>(`#label [data-id="${CSS.escape(id)}"]`) : svg();
  if (found) (found as SVGElement).focus({ preventScroll: true });
  pointing = false;
}

const boxesBeside = (ids: readonly string[]): Box[] =>
  elements.value.filter((one) => !ids.includes(one.id) && (drawn.value.get(one.id)?.parts.length || 0) > 0);

// ---------------------------------------------------------------- the gesture

export function down(event: PointerEvent): void {
  if (writing.value && (event.target as SVGElement).closest(".written")) return;
  writing.value = "";
  stir();
  const from = { x: event.clientX, y: event.clientY };
  const isFinger = event.pointerType === "touch";
  if (finger(event)) { cancel(); return; }
  if (gesture) return;
  const target = event.currentTarget as HTMLElement;
  const press: Press = { pointer: event.pointerId, from, on: null, add: event.shiftKey || event.ctrlKey || event.metaKey, chosen: false, finger: isFinger };
  if (event.button === 1 || (event.button === 0 && panning.value)) {
    hold(target, event);
    gesture = { kind: "pan", press, last: from };
    gesturing.value = "pan";
    event.preventDefault();
    return;
  }
  if (event.button !== 0) return;
  hold(target, event);
  const handle = nearestHandle(target, from);
  const one = selected.value.length === 1 ? selected.value[0] : undefined;
  if (handle && one && !one.locked) {
    gesture = { kind: "resize", press, one, across: handle[0], down: handle[1], others: boxesBeside([one.id]) };
    gesturing.value = "resize";
    return;
  }
  const on = under(from, isFinger), point = onLabel(from);
  // What is selected can be taken hold of, even where something lies over it.
  press.chosen = selected.value.some((it) => pick([it], new Map(), point, um(isFinger ? 14 : 5), paper.value) !== null);
  press.on = on;
  gesture = { kind: "press", press };
  if (isFinger) long = window.setTimeout(longPress, LONG);
}

function hold(target: HTMLElement, event: PointerEvent): void {
  try {
    target.setPointerCapture(event.pointerId);
  } catch { /* the pointer is gone again */ }
}

function longPress(): void {
  if (gesture?.kind !== "press") return;
  const { press } = gesture;
  gesture = null;
  several.value = true;
  if (press.on) take({ ...press, add: true });
  if (navigator.vibrate) navigator.vibrate(30);
  announce(t("Each tap now adds to the selection. Tap beside the things to end this."));
}

function nearestHandle(target: HTMLElement, from: Point): [Way, Way] | null {
  let best: [Way, Way] | null = null, least = Infinity;
  const frame = target.querySelector(".ground")!.getBoundingClientRect();
  for (const one of target.querySelectorAll(".grip")) {
    // As it is written: what a browser measures of a scrolled picture is not always true yet.
    const [x, y, side] = ["x", "y", "width"].map((name) => Number(one.getAttribute(name)));
    const dx = frame.left + x! + side! / 2 - from.x, dy = frame.top + y! + side! / 2 - from.y, away = Math.hypot(dx, dy);
    if (away >= least || Math.abs(dx) > side! / 2 || Math.abs(dy) > side! / 2) continue;
    const [across, along] = one.parentElement!.getAttribute("data-handle")!.split(" ").map(Number);
    best = [across as Way, along as Way];
    least = away;
  }
  return best;
}

export function move(event: PointerEvent): void {
  stir();
  if (pinching(event)) return;
  if (!gesture || event.pointerId !== gesture.press.pointer) return;
  const now = { x: event.clientX, y: event.clientY }, { press } = gesture;
  if (gesture.kind === "press") {
    const away = Math.hypot(now.x - press.from.x, now.y - press.from.y);
    if (away < (press.finger ? STILL_FINGER : STILL)) return;
    clearTimeout(long);
    begin(press, event);
  }
  switch (gesture?.kind) {
    case "move": drag(gesture, now, event); break;
    case "resize": resize(gesture, now, event); break;
    case "rubber": stretch(gesture, now); break;
    case "pan": scrollBy(gesture.last.x - now.x, gesture.last.y - now.y); gesture.last = now; break;
  }
}

// The press became a drag.
function begin(press: Press, event: PointerEvent): void {
  const before = selection.value;
  if (!press.on && !press.chosen) {
    gesture = { kind: "rubber", press, before: press.add || several.value ? before : [] };
    gesturing.value = "rubber";
    return;
  }
  if (!press.chosen) {
    if (event.shiftKey || several.value) select(...new Set([...before, ...family(press.on!)]));
    else select(...family(press.on!));
    focus(press.on);
  }
  const list = selected.value.filter((one) => !one.locked);
  if (list.length === 0) {
    gesture = null;
    tell(t("It is locked. Unlock it to change it."), "look");
    return;
  }
  if (event.ctrlKey || event.metaKey) {
    const made = copies(list, saved_.value, 0, 0);
    batch(() => { held.value = made.label; select(...made.made.map((one) => one.id)); });
    gesture = { kind: "move", press, base: made.label, list: made.made, others: boxesBeside([]), title: t("Copy"), before };
  } else {
    gesture = { kind: "move", press, base: saved_.value, list, others: boxesBeside(selection.value), title: t("Move"), before };
  }
  gesturing.value = "move";
}

function drag(now: Gesture & { kind: "move" }, point: Point, event: PointerEvent): void {
  const from = around(now.list), stock = now.base.size;
  let dx = um(point.x - now.press.from.x), dy = um(point.y - now.press.from.y), still: "" | "x" | "y" = "";
  if (event.shiftKey) {
    still = Math.abs(dx) > Math.abs(dy) ? "y" : "x";
    if (still === "y") dy = 0; else dx = 0;
  }
  let found: ReturnType<typeof snapMove>["guides"] = [];
  if (snapping.value && !event.altKey) {
    const snapped = snapMove({ ...from, x: from.x + dx, y: from.y + dy }, now.others, stock, rules());
    if (still !== "x") dx += snapped.dx;
    if (still !== "y") dy += snapped.dy;
    found = snapped.guides;
  } else {
    if (still !== "x") dx = toDot(from.x + dx) - from.x;
    if (still !== "y") dy = toDot(from.y + dy) - from.y;
  }
  const go = way(from, Math.round(dx), Math.round(dy), stock);
  const next = change(now.base, Object.fromEntries(now.list.map((one) => [one.id, { x: one.x + go.x, y: one.y + go.y }])));
  batch(() => {
    held.value = next;
    guides.value = found;
    readout.value = `${say(from.x + go.x, unit.value)} ${unit.value}, ${say(from.y + go.y, unit.value)} ${unit.value}`;
  });
}

function resize(now: Gesture & { kind: "resize" }, point: Point, event: PointerEvent): void {
  const { one, across, down: along } = now, stock = saved_.value.size;
  const dx = across * um(point.x - now.press.from.x), dy = along * um(point.y - now.press.from.y);
  const least = Math.round(um(4));
  let width = across ? Math.max(Math.min(one.width, least), one.width + dx) : one.width;
  let height = along ? Math.max(Math.min(one.height, least), one.height + dy) : one.height;
  const found: ReturnType<typeof snapEdge>["guides"] = [];
  const free = event.altKey || !snapping.value;
  const code = one.type === "barcode" ? one : null, counts = code ? modules(drawn.value.get(one.id)) : null;
  const sides = code && counts ? moduleSides(code) : [];
  // An edge rests where others have theirs; a code's edge on whole modules instead.
  const rest = (axis: "x" | "y", sign: Way, start: number, side: number): number => {
    const edge = sign > 0 ? start + side : start + (axis === "x" ? one.width : one.height) - side;
    let to: number;
    if (free) to = toDot(edge);
    else {
      const snapped = snapEdge(axis, edge, one, now.others, stock, rules());
      to = snapped.at;
      found.push(...snapped.guides);
    }
    return sign > 0 ? to - start : start + (axis === "x" ? one.width : one.height) - to;
  };
  if (across && !sides.includes("width")) width = rest("x", across, one.x, width);
  if (along && !sides.includes("height")) height = rest("y", along, one.y, height);
  const room = {
    width: across > 0 ? stock.width - one.x : across < 0 ? one.x + one.width : one.width,
    height: along > 0 ? stock.height - one.y : along < 0 ? one.y + one.height : one.height,
  };
  if (event.shiftKey && across && along && !code) {
    // Shift keeps the shape.
    const by = Math.min(Math.max(width / one.width, height / one.height), room.width / one.width, room.height / one.height);
    width = one.width * by;
    height = one.height * by;
  }
  width = clamp(Math.round(width), 1, room.width);
  height = clamp(Math.round(height), 1, room.height);
  let said = `${say(width, unit.value)} × ${say(height, unit.value)} ${unit.value}`;
  if (code && counts) {
    if (across && sides.includes("width")) width = wholeModules(width, counts.across, at.value, room.width);
    if (along && sides.includes("height")) height = wholeModules(height, counts.down, at.value, room.height);
    said = sentence(code, counts, width, height);
  }
  const x = across < 0 ? one.x + one.width - width : one.x, y = along < 0 ? one.y + one.height - height : one.y;
  batch(() => {
    held.value = change(saved_.value, { [one.id]: { x, y, width, height } });
    guides.value = found;
    readout.value = said;
  });
}

function sentence(code: BarcodeElement, counts: { across: number; down: number }, width: number, height: number): string {
  const fixed = code.module ? Math.max(1, toDots(code.module, at.value)) : 0;
  const n = fixed || Math.max(0, perModule(code, counts, toDots(width, at.value), toDots(height, at.value)));
  return n ? thickness(code, n, size.value.density) : t("too small for the code");
}

function stretch(now: Gesture & { kind: "rubber" }, point: Point): void {
  const a = onLabel(now.press.from), b = onLabel(point);
  const box = { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) };
  const hit = elements.value.filter((one) => meets(one, box) && drawn.value.get(one.id)?.parts.length !== 0).map((one) => one.id);
  const next = [...new Set([...now.before, ...together(hit)])];
  batch(() => {
    rubber.value = box;
    if (next.join(" ") !== selection.value.join(" ")) select(...next);
  });
}

export function up(event: PointerEvent): void {
  leave(event);
  if (!gesture || event.pointerId !== gesture.press.pointer) return;
  clearTimeout(long);
  const ended = gesture, after = held.value;
  gesture = null;
  calm();
  switch (ended.kind) {
    case "press": click(ended.press, event); break;
    case "move":
      held.value = null;
      if (after && after !== saved_.value) {
        edit(ended.title, () => after);
        sayMoved(selected.value.filter((one) => !one.locked));
      }
      focus(ended.list[0]!.id);
      break;
    case "resize":
      held.value = null;
      if (after && after !== saved_.value) {
        edit(t("Resize"), () => after);
        saySized(selected.value);
      }
      break;
    case "rubber":
      if (selection.value.length) announce(tn("%(n)s thing selected", "%(n)s things selected", selection.value.length));
      focus(selection.value[0] || null);
      break;
  }
  stir();
}

function click(press: Press, event: PointerEvent): void {
  // The mouse's own double click is as fast as its owner set it; a finger has none of its own here.
  const again = press.finger && event.timeStamp - last_up.time < TWICE && last_up.on === press.on &&
    Math.hypot(event.clientX - last_up.x, event.clientY - last_up.y) < 12;
  last_up = { time: again ? -Infinity : event.timeStamp, x: event.clientX, y: event.clientY, on: press.on, finger: press.finger, add: press.add };
  if (again) { twice(); return; }
  take(press);
  if (!press.on) focus(null);
}

// A double click or tap on what was clicked last: into its group, or into its text.
function twice(): void {
  const one = last_up.on ? find(last_up.on) : undefined;
  if (!one || last_up.add) return;
  if (one.group && entered.value !== one.group) {
    entered.value = one.group;
    select(one.id);
    focus(one.id);
    announce(t("%(what)s alone", { what: called(one) }));
    return;
  }
  write(one);
}

export function double(): void {
  if (!last_up.finger) twice();
}

// Edit what an element says, where it stands.
export function write(one: Element | undefined): void {
  if (!one || !("content" in one) || one.locked) return;
  writing.value = one.id;
}

function calm(): void {
  batch(() => {
    gesturing.value = "";
    guides.value = [];
    rubber.value = null;
    readout.value = "";
  });
}

// Leave the gesture as if it had never begun; whether there was one.
export function cancel(): boolean {
  clearTimeout(long);
  const was = gesture;
  gesture = null;
  calm();
  held.value = null;
  if (was && (was.kind === "move" || was.kind === "rubber")) select(...was.before);
  return was !== null && was.kind !== "press";
}

export const bare = (): boolean => clean.value || nudging.value;
