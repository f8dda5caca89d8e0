// Changing what is selected: one step of the history, of which a default leaves no trace.

import { has, lean } from "./defaults";
import { change, edit, saved_, selection } from "./label";
import type { Document, Element } from "./types";

type Keys = Record<string, unknown>;

// The elements that are selected, as they are in the history.
export function chosen(): readonly Element[] {
  return saved_.value.elements.filter((one) => selection.value.includes(one.id));
}

// Set keys of everything selected that has them; `keys` may differ from element to element.
export function set(title: string, keys: Keys | ((one: Element) => Keys), join = ""): void {
  const ids = selection.value;
  edit(title, (document) => change(document, wanted(document, ids, keys)), join && `${ids.join()}.${join}`);
}

function wanted(document: Document, ids: readonly string[], keys: Keys | ((one: Element) => Keys)): Record<string, Keys> {
  const found: Record<string, Keys> = {};
  for (const one of document.elements) {
    if (!ids.includes(one.id)) continue;
    const wished = typeof keys === "function" ? keys(one) : keys;
    const own = Object.fromEntries(Object.entries(wished).filter(([key]) => has(one, key)));
    found[one.id] = lean(one, own);
  }
  return found;
}

// A place that stays on the stock: first it moves, then it is made smaller.
export function inside(one: { x: number; y: number; width: number; height: number }, stock: { width: number; height: number }) {
  const width = Math.max(1, Math.min(one.width, stock.width)), height = Math.max(1, Math.min(one.height, stock.height));
  return {
    width, height,
    x: Math.max(0, Math.min(one.x, stock.width - width)), y: Math.max(0, Math.min(one.y, stock.height - height)),
  };
}

// Set keys of the label itself; what is empty is left out.
export function setLabel(title: string, keys: Partial<Document>, join = ""): void {
  edit(title, (document) => {
    const next: any = { ...document, ...keys };
    for (const [key, value] of Object.entries(next)) {
      const bare = value === "" || value === undefined || (Array.isArray(value) && value.length === 0 && key !== "elements");
      if (bare || (key === "mode" && value === "exact")) delete next[key];
    }
    return JSON.stringify(next) === JSON.stringify(document) ? document : (next as Document);
  }, join && `label.${join}`);
}
