// What the stage shows beside the ink for a while: frames, guides, what a gesture says.

import { signal } from "@preact/signals";
import type { Box } from "./boxes";
import type { Guide } from "./snap";

export const guides = signal<readonly Guide[]>([]);
export const rubber = signal<Box | null>(null); // µm
export const readout = signal(""); // under the frame, while a gesture lasts
export const gesturing = signal<"" | "move" | "resize" | "rubber" | "pan">("");
export const nudging = signal(false); // an arrow key is held
export const clean = signal(false); // nothing but the print is shown
export const several = signal(false); // touch: each tap adds to the selection
export const entered = signal(""); // the group whose parts are taken one by one
export const writing = signal(""); // the element whose text is edited on the label
export const panning = signal(false); // the space bar is held

// Handles fade when nobody moves: what remains is the label.
export const idle = signal(false);

const QUIET = 1500; // ms
let timer = 0;

export function stir(): void {
  idle.value = false;
  clearTimeout(timer);
  timer = window.setTimeout(() => { idle.value = gesturing.value === ""; }, QUIET);
}
