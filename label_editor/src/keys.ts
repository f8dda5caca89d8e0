// The keyboard: one table, which the stage listens with and `?` shows. Whoever has keys of his own
// adds rows with `also`.

import { align, copy, cut, duplicate, group, lock, nudge, order, paste, remove, resizeBy, selectAll, turn, ungroup } from "./actions";
import { character, ends, types } from "./bursts";
import { asked } from "./dialogs";
import { grid as gridShown, snapping } from "./habits";
import { redo, select, selected, undo } from "./label";
import { at } from "./place";
import { cancel, focus, grid, write } from "./pointer";
import { addPicture, put } from "./putting";
import { announce } from "./said";
import { unit } from "./session";
import { clean, entered, idle, nudging, panning, several, stir, writing } from "./shown";
import { t } from "./words";
import { actual, exact, fit, zoomIn, zoomOut } from "./zoom";

export interface Key {
  keys: readonly string[]; // as `chord` writes them
  title: string;
  part: string; // under which heading it is listed
  does: ((event: KeyboardEvent) => void) | null; // null: the browser does it
  where?: "label" | "anywhere"; // "label": only when no button or field has the keys; "anywhere": in text fields, too
  until?: () => void; // when the key is let go
}

const step = (): number => grid();
const far = (): number => (unit.value === "mm" ? 10000 : 12700);
const dot = (): number => Math.round((1000 * at.value.d) / at.value.n);

const more: Key[] = [];
let listed: Key[] | null = null;

// Rows of others, above all with Ctrl.
export function also(...rows: Key[]): void {
  more.push(...rows);
  listed = null;
}

export function keys(): readonly Key[] {
  return listed || (listed = [...own(), ...more]);
}

function arrows(before: string, title: string, by: () => number, act: (dx: number, dy: number) => void): Key[] {
  const go = (name: string, dx: number, dy: number): Key => ({
    keys: [`${before}${name}`], title, part: t("Place and size"), where: "label",
    does: () => { nudging.value = true; act(Math.round(dx * by()), Math.round(dy * by())); },
  });
  return [go("ArrowLeft", -1, 0), go("ArrowRight", 1, 0), go("ArrowUp", 0, -1), go("ArrowDown", 0, 1)];
}

function own(): Key[] {
  const things = t("Things on the label"), places = t("Place and size"), sight = t("What is seen"), fresh = t("New on the label");
  const toggle = (habit: { value: boolean }, on: string, off: string) => () => {
    habit.value = !habit.value;
    announce(habit.value ? on : off);
  };
  return [
    { keys: ["Tab"], title: t("Next thing"), part: things, does: null },
    { keys: ["Shift+Tab"], title: t("Thing before"), part: things, does: null },
    { keys: ["Ctrl+A"], title: t("Select all"), part: things, does: selectAll },
    { keys: ["Escape"], title: t("Select nothing"), part: things, does: escape, where: "anywhere" },
    { keys: ["Enter", "F2"], title: t("Edit the text"), part: things, where: "label", does: () => write(selected.value[0]) },
    { keys: ["Delete", "Backspace"], title: t("Delete"), part: things, does: remove },
    { keys: ["Ctrl+C"], title: t("Copy"), part: things, does: null },
    { keys: ["Ctrl+X"], title: t("Cut out"), part: things, does: null },
    { keys: ["Ctrl+V"], title: t("Paste"), part: things, does: null },
    { keys: ["Ctrl+D"], title: t("Duplicate"), part: things, does: duplicate },
    { keys: ["Ctrl+Z"], title: t("Undo"), part: things, does: undo },
    { keys: ["Ctrl+Shift+Z", "Ctrl+Y"], title: t("Redo"), part: things, does: redo },
    { keys: ["Ctrl+]"], title: t("Further to the front"), part: things, does: () => order("up") },
    { keys: ["Ctrl+["], title: t("Further to the back"), part: things, does: () => order("down") },
    { keys: ["Ctrl+Shift+]"], title: t("To the very front"), part: things, does: () => order("top") },
    { keys: ["Ctrl+Shift+["], title: t("To the very back"), part: things, does: () => order("bottom") },
    { keys: ["Ctrl+G"], title: t("Group, or end the group"), part: things, does: () => ungroupOrGroup() },
    { keys: ["Ctrl+L"], title: t("Lock or unlock"), part: things, does: lock },
    ...arrows("", unit.value === "mm" ? t("Move by 1 mm") : t("Move by a sixteenth of an inch"), step, nudge),
    ...arrows("Shift+", unit.value === "mm" ? t("Move by 10 mm") : t("Move by half an inch"), far, nudge),
    ...arrows("Alt+", t("Move by one dot"), dot, nudge),
    ...arrows("Ctrl+", unit.value === "mm" ? t("Wider or higher by 1 mm") : t("Wider or higher by a sixteenth of an inch"), step, resizeBy),
    { keys: ["R"], title: t("Turn by a quarter"), part: places, does: turn },
    { keys: ["Alt+L"], title: t("Align left"), part: places, does: () => align("left") },
    { keys: ["Alt+C"], title: t("Center across"), part: places, does: () => align("center") },
    { keys: ["Alt+R"], title: t("Align right"), part: places, does: () => align("right") },
    { keys: ["Alt+T"], title: t("Align at the top"), part: places, does: () => align("top") },
    { keys: ["Alt+M"], title: t("Center in height"), part: places, does: () => align("middle") },
    { keys: ["Alt+B"], title: t("Align at the bottom"), part: places, does: () => align("bottom") },
    { keys: ["T"], title: t("Text"), part: fresh, does: () => put("text") },
    { keys: ["B"], title: t("Barcode"), part: fresh, does: () => put("barcode") },
    { keys: ["Q"], title: t("QR code"), part: fresh, does: () => put("qr") },
    { keys: ["L"], title: t("Straight line"), part: fresh, does: () => put("line") },
    { keys: ["X"], title: t("Box"), part: fresh, does: () => put("box") },
    { keys: ["I"], title: t("Picture"), part: fresh, does: () => put("image") },
    { keys: ["G"], title: t("Show or hide the grid"), part: sight, does: toggle(gridShown, t("The grid is shown"), t("The grid is hidden")) },
    { keys: ["S"], title: t("Snapping on or off"), part: sight, does: toggle(snapping, t("Snapping is on"), t("Snapping is off")) },
    { keys: ["P"], title: t("Hold: only what prints"), part: sight, does: () => { clean.value = pressed.has("KeyP"); }, until: () => { clean.value = false; } },
    { keys: ["Ctrl++"], title: t("Larger"), part: sight, does: zoomIn, where: "anywhere" },
    { keys: ["Ctrl+-"], title: t("Smaller"), part: sight, does: zoomOut, where: "anywhere" },
    { keys: ["Ctrl+0"], title: t("The whole label"), part: sight, does: fit, where: "anywhere" },
    { keys: ["Ctrl+1"], title: t("Actual size"), part: sight, does: actual, where: "anywhere" },
    { keys: ["Ctrl+2"], title: t("One dot is one point of the screen"), part: sight, does: exact, where: "anywhere" },
  ];
}

function ungroupOrGroup(): void {
  const list = selected.value, name = list[0]?.group;
  if (name && list.every((one) => one.group === name)) ungroup();
  else group();
}

function escape(): void {
  if (cancel()) return;
  if (writing.value) return;
  // From a field back to what it is about.
  if (typesInto(document.activeElement)) { focus(selected.value[0]?.id || null); return; }
  if (entered.value) { entered.value = ""; select(); focus(null); return; }
  several.value = false;
  select();
  focus(null);
}

// ---------------------------------------------------------------- listening

const pressed = new Set<string>();

// "Ctrl+Shift+Z": how a row of the table writes what was pressed.
export function chord(event: KeyboardEvent): string {
  let key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  // With Alt some keyboards type other letters.
  if (event.altKey && /^Key[A-Z]$/.test(event.code)) key = event.code.slice(3);
  const ctrl = event.ctrlKey || event.metaKey;
  if (ctrl && event.code === "BracketRight") key = "]";
  if (ctrl && event.code === "BracketLeft") key = "[";
  if (ctrl && (key === "=" || key === "+")) return "Ctrl++";
  const named = key.length > 1 || /[A-Z\[\]]/.test(key);
  return `${ctrl ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${event.shiftKey && (named || ctrl) ? "Shift+" : ""}${key}`;
}

const TEXT = /^(text|search|url|tel|email|password|number|date|time|datetime-local|month|week|range)$/;

// Fields that have letters or arrows of their own: a list is chosen from by its first letters.
function typesInto(target: EventTarget | null): boolean {
  const one = target as HTMLElement | null;
  if (!one || !one.tagName) return false;
  return one.tagName === "TEXTAREA" || one.tagName === "SELECT" || one.isContentEditable || (one.tagName === "INPUT" && TEXT.test((one as HTMLInputElement).type));
}

const onLabel = (target: EventTarget | null): boolean =>
  target === document.body || Boolean((target as HTMLElement | null)?.closest?.(".stage"));

const elsewhere = (target: EventTarget | null): boolean =>
  asked.value !== null || Boolean((target as HTMLElement | null)?.closest?.("dialog, [role=dialog], [role=menu]"));

const ARROW = /^Arrow/;

function keydown(event: KeyboardEvent): void {
  stir();
  pressed.add(event.code);
  if (event.isComposing || elsewhere(event.target)) return;
  const typing = typesInto(event.target), name = chord(event);
  const row = keys().find((one) => one.keys.includes(name));
  if (typing) {
    if (row && row.does && row.where === "anywhere") act(row, event);
    return;
  }
  if (ends(event)) return;
  const useful = row && row.does && (row.where !== "label" || onLabel(event.target)) ? row : null;
  if (types(event)) {
    if (event.repeat) { event.preventDefault(); return; }
    if (event.key === " " && onLabel(event.target)) { panning.value = true; event.preventDefault(); }
    character(event, useful ? () => useful.does!(event) : null);
    return;
  }
  if (useful) act(useful, event);
}

function act(row: Key, event: KeyboardEvent): void {
  // Escape in a field is the field's own as well.
  if (event.key !== "Escape") event.preventDefault();
  row.does!(event);
}

function keyup(event: KeyboardEvent): void {
  pressed.delete(event.code);
  if (ARROW.test(event.key)) nudging.value = false;
  if (event.key === " ") panning.value = false;
  const row = keys().find((one) => one.until && one.keys.includes(chord(event)));
  if (row) row.until!();
  stir();
}

function blur(): void {
  pressed.clear();
  nudging.value = panning.value = clean.value = idle.value = false;
}

// The clipboard speaks by events of its own, also where a page may not ask it.
function clipboard(event: ClipboardEvent): void {
  if (typesInto(event.target) || elsewhere(event.target)) return;
  if (event.type === "paste") {
    const file = [...(event.clipboardData?.files || [])].find((one) => one.type.startsWith("image/"));
    if (file) void addPicture(file);
    else paste(event.clipboardData?.getData("text/plain") || "");
  } else {
    if (String(window.getSelection() || "")) return;
    const text = event.type === "cut" ? cut() : copy();
    if (!text) return;
    event.clipboardData?.setData("text/plain", text);
  }
  event.preventDefault();
}

// Begin to listen; what is returned ends it.
export function listen(): () => void {
  const on = window.addEventListener.bind(window), off = window.removeEventListener.bind(window);
  const board = clipboard as EventListener;
  on("keydown", keydown, true);
  on("keyup", keyup, true);
  on("blur", blur);
  for (const name of ["copy", "cut", "paste"]) on(name, board);
  return () => {
    off("keydown", keydown, true);
    off("keyup", keyup, true);
    off("blur", blur);
    for (const name of ["copy", "cut", "paste"]) off(name, board);
  };
}
