// What a person has set for this browser: snapping, the grid, how large the screen really is.

import { effect, signal, type Signal } from "@preact/signals";

function habit<T>(name: string, usual: T): Signal<T> {
  const key = `label-editor.${name}`;
  let first = usual;
  try {
    const kept = localStorage.getItem(key);
    if (kept !== null) first = JSON.parse(kept) as T;
  } catch { /* a browser that keeps nothing has the usual */ }
  const made = signal(first);
  let begun = false;
  effect(() => {
    const now = JSON.stringify(made.value);
    if (!begun) { begun = true; return; }
    try {
      localStorage.setItem(key, now);
    } catch { /* as above */ }
  });
  return made;
}

export const snapping = habit("snap", true);
export const grid = habit("grid", false);
// How many millimetres on this screen are 100 mm of its own account.
export const calibration = habit("hundred-mm", 100);
