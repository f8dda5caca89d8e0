// A scanner types faster than a hand: characters less than 35 ms apart that end with Enter or Tab
// are a scan. None of them is a shortcut; the whole of it is one event, `scanned`.

import { signal } from "@preact/signals";

export const scanned = signal<{ text: string } | null>(null);

const GAP = 35; // ms between two characters of a scanner, at most
const SILENCE = 60; // ms after which a letter was typed by a hand; above GAP for a busy computer
const LEAST = 2; // characters

let text = "", last = -Infinity, timer = 0;

// A key that types something, alone or with Shift.
export const types = (event: KeyboardEvent): boolean =>
  event.key.length === 1 && !event.ctrlKey && !event.metaKey && (!event.altKey || event.getModifierState("AltGraph"));

// A character came: `act` is what it does when no other follows at once.
export function character(event: KeyboardEvent, act: (() => void) | null): void {
  const follows = event.timeStamp - last <= GAP;
  text = follows ? text + event.key : event.key;
  last = event.timeStamp;
  clearTimeout(timer);
  if (follows) swallow(event);
  else if (act) {
    event.preventDefault();
    timer = window.setTimeout(act, SILENCE);
  }
}

// Whether Enter or Tab ended a scan; then nobody else hears of it.
export function ends(event: KeyboardEvent): boolean {
  if (event.key !== "Enter" && event.key !== "Tab") return false;
  const scan = text.length >= LEAST && event.timeStamp - last <= GAP ? text : "";
  text = "";
  if (!scan) return false;
  clearTimeout(timer);
  swallow(event);
  scanned.value = { text: scan };
  return true;
}

function swallow(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopPropagation();
}
