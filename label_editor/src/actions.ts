// What is done to the selection, each as one named step back and said to whoever does not look.
// Keys, toolbar and panels call these and nothing else.

import { aligned, around, inside, meets, spread, turned, way, type Axis, type Box, type Edge, type Size } from "./boxes";
import { moduleSides, modules, wholeModules } from "./codes";
import { change, edit, elements, find, fresh, saved_, select, selected, selection } from "./label";
import { kind } from "./names";
import { announce, tell } from "./said";
import { unit } from "./session";
import { drawn, size } from "./tiles";
import { density, say } from "./units";
import type { Document, Element, Kind } from "./types";
import { t, tn } from "./words";

// A copy shows the ink of what it is a copy of until its own comes: new id -> id.
export const like = new Map<string, string>();

const APART = 2000; // µm between a thing and its copy
const LEAST = 500; // µm: no side is made smaller by a gesture, so that it can be taken hold of again

export const called = (one: Element): string => one.title || kind(one);

// The elements that belong together with these ones.
export function together(ids: readonly string[], label: Document = saved_.value): string[] {
  const groups = new Set(label.elements.filter((one) => one.group && ids.includes(one.id)).map((one) => one.group));
  return label.elements.filter((one) => ids.includes(one.id) || (one.group && groups.has(one.group))).map((one) => one.id);
}

function chosen(): Element[] {
  const found = selected.value;
  if (found.length === 0) announce(t("Nothing is selected."));
  return found;
}

// What of the selection may be changed: locked elements stay as they are, and that is said.
function free(): Element[] {
  const found = chosen(), open = found.filter((one) => !one.locked);
  if (found.length > 0 && open.length === 0) tell(t("It is locked. Unlock it to change it."), "look");
  return open;
}

const many = (list: readonly Element[]): string =>
  list.length === 1 ? called(list[0]!) : tn("%(n)s thing", "%(n)s things", list.length);

const facts = (box: Box) => ({
  x: say(box.x, unit.value), y: say(box.y, unit.value),
  width: say(box.width, unit.value), height: say(box.height, unit.value), unit: unit.value,
});

export function sayMoved(list: readonly Element[]): void {
  if (list.length === 0) return;
  announce(t("%(what)s moved to %(x)s %(unit)s, %(y)s %(unit)s", { what: many(list), ...facts(around(list)) }));
}

export function saySized(list: readonly Element[]): void {
  if (list.length === 0) return;
  announce(t("%(what)s is %(width)s %(unit)s wide and %(height)s %(unit)s high", { what: many(list), ...facts(around(list)) }));
}

// ---------------------------------------------------------------- there and not there

export function remove(): void {
  const gone = free(), ids = new Set(gone.map((one) => one.id));
  if (gone.length === 0) return;
  // The selection that belongs to the step is what is left of it.
  const left = selection.value.filter((id) => !ids.has(id));
  select(...left);
  edit(t("Delete"), (label) => ({ ...label, elements: label.elements.filter((one) => !ids.has(one.id)) }));
  announce(t("%(what)s deleted", { what: many(gone) }));
}

const stem = (id: string): string => id.replace(/[0-9]+$/, "") || "e";

// Copies with names and groups of their own, put on top of the label.
export function copies(list: readonly Element[], label: Document, dx: number, dy: number): { label: Document; made: Element[] } {
  let now = label;
  const made: Element[] = [], groups = new Map<string, string>();
  const go = list.length ? way(around(list), dx, dy, label.size) : { x: 0, y: 0 };
  for (const one of list) {
    const next = { ...one, ...inside({ ...one, x: one.x + go.x, y: one.y + go.y }, label.size), id: fresh(stem(one.id), now) } as Element;
    delete next.locked;
    if (one.group) {
      if (!groups.has(one.group)) groups.set(one.group, freshGroup(label, [...groups.values()]));
      next.group = groups.get(one.group)!;
    }
    like.set(next.id, like.get(one.id) && !drawn.value.has(one.id) ? like.get(one.id)! : one.id);
    made.push(next);
    now = { ...now, elements: [...now.elements, next] };
  }
  return { label: now, made };
}

function freshGroup(label: Document, more: readonly string[] = []): string {
  const taken = new Set([...label.elements.map((one) => one.group), ...more]);
  let n = 1;
  while (taken.has(`group${n}`)) n += 1;
  return `group${n}`;
}

function put(title: string, made: { label: Document; made: Element[] }): void {
  select(...made.made.map((one) => one.id));
  edit(title, () => made.label);
}

export function duplicate(): void {
  const list = chosen();
  if (list.length === 0) return;
  const box = around(list), paper = saved_.value.size;
  // At the edge the copy goes the other way: it must be seen that there are two.
  const dx = box.x + box.width + APART > paper.width ? -APART : APART;
  const dy = box.y + box.height + APART > paper.height ? -APART : APART;
  const made = copies(list, saved_.value, dx, dy);
  put(t("Duplicate"), made);
  announce(t("%(what)s duplicated", { what: many(made.made) }));
}

// ---------------------------------------------------------------- between labels

const KEPT = "label-editor.copied";

interface Copied { copied: "label elements"; elements: Element[]; fields: Document["fields"]; counters: Document["counters"] }

// What was copied, with the fields it shows, as text that another label understands.
export function written(): string {
  const list = selected.value, label = saved_.value;
  const text = JSON.stringify(list);
  const used = <T extends { name: string }>(all: readonly T[] | undefined): T[] =>
    (all || []).filter(({ name }) => new RegExp(`\\b${name}\\b`).test(text));
  const copied: Copied = { copied: "label elements", elements: list, fields: used(label.fields), counters: used(label.counters) };
  return JSON.stringify(copied);
}

export function copy(): string {
  const list = chosen();
  if (list.length === 0) return "";
  const text = written();
  try {
    localStorage.setItem(KEPT, text);
  } catch { /* a browser that keeps nothing still has its clipboard */ }
  announce(t("%(what)s copied", { what: many(list) }));
  return text;
}

export function cut(): string {
  if (free().length === 0) return "";
  const text = copy();
  remove();
  return text;
}

function read(text: string): Copied | null {
  try {
    const found = JSON.parse(text);
    return found && found.copied === "label elements" && Array.isArray(found.elements) ? found : null;
  } catch {
    return null;
  }
}

// Put in what was copied, here or from another label; other text becomes a text on the label.
export function paste(text = ""): void {
  let kept = "";
  try {
    kept = localStorage.getItem(KEPT) || "";
  } catch { /* see copy */ }
  const found = read(text || kept);
  if (!found) {
    if (text.trim()) add("text", { content: text.trim().slice(0, 1000).replace(/[{}]/g, "$&$&") });
    else announce(t("There is nothing to put in."));
    return;
  }
  const label = saved_.value;
  const missing = <T extends { name: string }>(here: readonly T[] = [], more: readonly T[] = []): T[] =>
    more.filter((one) => !here.some((other) => other.name === one.name));
  const names = [...(label.fields || []), ...(label.counters || [])];
  const fields = missing(names, found.fields as any[]), counters = missing(names, found.counters as any[]);
  let next = label;
  if (fields.length) next = { ...next, fields: [...(next.fields || []), ...fields] };
  if (counters.length) next = { ...next, counters: [...(next.counters || []), ...counters] };
  // On the label it came from it must not hide behind what it is a copy of.
  const there = found.elements.some((one) => label.elements.some((other) => other.x === one.x && other.y === one.y && other.type === one.type));
  const made = copies(found.elements, next, there ? APART : 0, there ? APART : 0);
  put(t("Paste"), made);
  announce(t("%(what)s put in", { what: many(made.made) }));
}

// ---------------------------------------------------------------- selection

export function selectAll(): void {
  select(...elements.value.map((one) => one.id));
  announce(tn("%(n)s thing selected", "%(n)s things selected", selection.value.length));
}

// ---------------------------------------------------------------- place and size

export function nudge(dx: number, dy: number): void {
  const list = free();
  if (list.length === 0) return;
  const paper = saved_.value.size, go = way(around(list), dx, dy, paper);
  edit(t("Move"), (label) => change(label, Object.fromEntries(list.map((one) => [one.id, { x: one.x + go.x, y: one.y + go.y }]))), "nudge");
  sayMoved(selected.value.filter((one) => !one.locked));
}

// The size of one element changed; the bars of a code stay whole dots.
export function sized(one: Element, width: number, height: number): Box {
  const paper = saved_.value.size;
  let box = { x: one.x, y: one.y, width: Math.max(Math.min(one.width, LEAST), width), height: Math.max(Math.min(one.height, LEAST), height) };
  if (one.type === "barcode") {
    const counts = modules(drawn.value.get(one.id));
    if (counts) {
      const at = density(size.value.density), sides = moduleSides(one);
      if (sides.includes("width") && width !== one.width) box.width = wholeModules(width, counts.across, at, paper.width, one.width);
      if (sides.includes("height") && height !== one.height) box.height = wholeModules(height, counts.down, at, paper.height, one.height);
    }
  }
  return inside(box, paper);
}

export function resizeBy(dw: number, dh: number): void {
  const list = free();
  if (list.length === 0) return;
  edit(t("Resize"), (label) => change(label, Object.fromEntries(list.map((one) => [one.id, { ...sized(one, one.width + dw, one.height + dh) }]))), "resize");
  saySized(selected.value.filter((one) => !one.locked));
}

const TURNED_LINE = { "-": "|", "|": "-", "/": "\\", "\\": "/" } as const;

export function turn(): void {
  const list = free();
  if (list.length === 0) return;
  edit(t("Turn"), (label) => change(label, Object.fromEntries(list.map((one) => {
    const keys: Record<string, unknown> = { ...turned(one, label.size) };
    if (one.type === "line") {
      const direction = TURNED_LINE[one.direction || "-"];
      keys["direction"] = direction === "-" ? undefined : direction;
    } else if (one.type !== "box" && one.type !== "ellipse") {
      keys["rotation"] = ((one.rotation || 0) + 90) % 360 || undefined;
    }
    return [one.id, keys];
  }))));
  announce(t("%(what)s turned", { what: many(list) }));
}

// The selection as things that move as one: each whole group, and each element that is in none.
function pieces(list: readonly Element[]): Element[][] {
  const found = new Map<string, Element[]>();
  for (const one of list) {
    const key = one.group ? `group ${one.group}` : `one ${one.id}`;
    found.set(key, [...(found.get(key) || []), one]);
  }
  return [...found.values()];
}

function goTo(title: string, list: Element[][], places: readonly { x: number; y: number }[]): void {
  edit(title, (label) => change(label, Object.fromEntries(list.flatMap((piece, n) => {
    const box = around(piece), go = way(box, places[n]!.x - box.x, places[n]!.y - box.y, label.size);
    return piece.filter((one) => !one.locked).map((one) => [one.id, { x: one.x + go.x, y: one.y + go.y }]);
  }))));
}

// One thing goes to the edge of the label, several to the outermost of them.
export function align(edge: Edge): void {
  if (free().length === 0) return;
  const list = pieces(selected.value), paper = saved_.value.size;
  const within = list.length === 1 ? { x: 0, y: 0, ...paper } : around(selected.value);
  goTo(t("Align"), list, list.map((piece) => aligned(around(piece), edge, within)));
  const said = {
    left: t("Aligned left"), center: t("Centered across"), right: t("Aligned right"),
    top: t("Aligned at the top"), middle: t("Centered in height"), bottom: t("Aligned at the bottom"),
  };
  announce(said[edge]);
}

export function distribute(axis: Axis): void {
  if (free().length === 0) return;
  const list = pieces(selected.value);
  if (list.length < 3) {
    tell(t("Select three things or more to make the gaps between them equal."), "look");
    return;
  }
  const boxes = list.map(around), starts = spread(boxes, axis);
  goTo(t("Equal gaps"), list, boxes.map((box, n) => (axis === "across" ? { x: starts[n]!, y: box.y } : { x: box.x, y: starts[n]! })));
  announce(t("The gaps are equal"));
}

// All as wide or as high as what was selected first.
export function sameSize(side: "width" | "height" | "both"): void {
  const list = free(), first = find(selection.value[0] || "");
  if (!first || list.length === 0) return;
  if (selected.value.length < 2) {
    tell(t("Select two things or more to make them the same size."), "look");
    return;
  }
  edit(t("Same size"), (label) => change(label, Object.fromEntries(list.map((one) => {
    const width = side === "height" ? one.width : first.width, height = side === "width" ? one.height : first.height;
    return [one.id, { ...inside({ x: one.x, y: one.y, width, height }, label.size) }];
  }))));
  saySized([first]);
}

// ---------------------------------------------------------------- one over the other

export function order(to: "up" | "down" | "top" | "bottom"): void {
  const list = chosen(), ids = new Set(list.map((one) => one.id));
  if (list.length === 0) return;
  edit(to === "up" || to === "top" ? t("To the front") : t("To the back"), (label) => {
    const all = [...label.elements];
    if (to === "top" || to === "bottom") {
      const mine = all.filter((one) => ids.has(one.id)), rest = all.filter((one) => !ids.has(one.id));
      const next = to === "top" ? [...rest, ...mine] : [...mine, ...rest];
      return next.every((one, n) => one === all[n]) ? label : { ...label, elements: next };
    }
    // Each goes past one neighbour that is not selected.
    const places = all.map((_, n) => n), step = to === "up" ? 1 : -1;
    let moved = false;
    for (const n of to === "up" ? places.reverse() : places) {
      const one = all[n]!, other = all[n + step];
      if (!other || !ids.has(one.id) || ids.has(other.id)) continue;
      all[n + step] = one;
      all[n] = other;
      moved = true;
    }
    return moved ? { ...label, elements: all } : label;
  });
  announce(to === "up" || to === "top" ? t("%(what)s further to the front", { what: many(list) }) : t("%(what)s further to the back", { what: many(list) }));
}

export function group(): void {
  const list = chosen();
  if (list.length < 2) {
    if (list.length) tell(t("Select two things or more to group them."), "look");
    return;
  }
  const name = freshGroup(saved_.value);
  edit(t("Group"), (label) => change(label, Object.fromEntries(list.map((one) => [one.id, { group: name }]))));
  announce(tn("%(n)s thing grouped", "%(n)s things grouped", list.length));
}

export function ungroup(): void {
  const list = chosen().filter((one) => one.group);
  if (list.length === 0) return;
  edit(t("Ungroup"), (label) => change(label, Object.fromEntries(list.map((one) => [one.id, { group: undefined }]))));
  announce(t("Ungrouped"));
}

export function lock(): void {
  const list = chosen();
  if (list.length === 0) return;
  const open = list.some((one) => !one.locked);
  edit(open ? t("Lock") : t("Unlock"), (label) => change(label, Object.fromEntries(list.map((one) => [one.id, { locked: open || undefined }]))));
  announce(open ? t("%(what)s locked", { what: many(list) }) : t("%(what)s unlocked", { what: many(list) }));
}

// ---------------------------------------------------------------- new

const shown = (label: Document): string =>
  label.fields && label.fields[0] ? `{${label.fields[0].name}}` : "";

// A sensible new element of a kind on this label; where it goes is not decided yet.
function sensible(type: Kind, label: Document): Record<string, unknown> & Size {
  const wide = (um: number) => Math.min(um, Math.floor((label.size.width * 4) / 5));
  const high = (um: number) => Math.min(um, Math.floor((label.size.height * 4) / 5));
  switch (type) {
    case "text": return { type, content: t("Text"), size: high(4000), width: wide(30000), height: high(6000) };
    case "barcode": return { type, symbology: "code128", content: shown(label) || "12345678", width: wide(50000), height: high(15000) };
    case "image": return { type, picture: "", width: wide(20000), height: high(20000) };
    case "box": return { type, width: wide(30000), height: high(15000) };
    case "line": return { type, width: wide(40000), height: 250 };
    case "ellipse": return { type, width: wide(20000), height: high(12000) };
    case "raw": return { type, language: "zpl", commands: "", width: wide(10000), height: high(5000) };
  }
}

const STEM: Record<Kind, string> = {
  text: "text", barcode: "code", image: "picture", box: "box", line: "line", ellipse: "ellipse", raw: "commands",
};

// Put something new on the label: what is not in `preset` is sensible for this stock. Without a
// place it goes where there is free paper, from the middle outwards. `also` is changed in the same step.
export function add(type: Kind, preset: Record<string, unknown> = {}, also: (label: Document) => Document = (label) => label): string {
  const label = saved_.value, id = fresh(STEM[type]);
  const bare = { ...sensible(type, label), ...preset, id } as unknown as Element;
  const paper = label.size, box = inside({ x: 0, y: 0, width: bare.width, height: bare.height }, paper);
  const one = { ...bare, ...box, ...place(preset, box, label) } as Element;
  if (one.x + one.width > paper.width || one.y + one.height > paper.height) Object.assign(one, inside(one, paper));
  select(id);
  edit(t("Add %(kind)s", { kind: kind(one) }), (now) => { const next = also(now); return { ...next, elements: [...next.elements, one] }; });
  announce(t("%(what)s added at %(x)s %(unit)s, %(y)s %(unit)s", { what: called(one), ...facts(one) }));
  return id;
}

function place(preset: Record<string, unknown>, box: Box, label: Document): { x: number; y: number } {
  if (typeof preset["x"] === "number" && typeof preset["y"] === "number") return { x: preset["x"], y: preset["y"] };
  const step = 1000, { width, height } = label.size;
  const middle = { x: Math.floor((width - box.width) / 2 / step) * step, y: Math.floor((height - box.height) / 2 / step) * step };
  let best: { x: number; y: number } | null = null, least = Infinity;
  for (let y = step; y + box.height <= height - step; y += step) {
    for (let x = step; x + box.width <= width - step; x += 2 * step) {
      const away = Math.abs(x - middle.x) + Math.abs(y - middle.y);
      if (away >= least) continue;
      const mine = { ...box, x: x - step, y: y - step, width: box.width + 2 * step, height: box.height + 2 * step };
      if (!label.elements.some((one) => prints(one) && meets(one, mine))) { best = { x, y }; least = away; }
    }
  }
  if (best) return best;
  // No free paper: in the middle, a little beside whatever stands exactly there.
  const at = { ...middle };
  while (label.elements.some((one) => one.x === at.x && one.y === at.y) && at.x + box.width + APART <= width && at.y + box.height + APART <= height) {
    at.x += APART;
    at.y += APART;
  }
  return at;
}

// What the present record leaves out takes no paper.
function prints(one: Element): boolean {
  const found = drawn.value.get(one.id);
  return !found || found.parts.length > 0 || found.says !== null;
}
