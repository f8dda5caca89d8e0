// What a person who does not look at the screen hears, and what everybody reads for a moment.

import { signal } from "@preact/signals";

export const announced = signal("");
export const told = signal<{ sentence: string; tone: "" | "done" | "look" | "refused" } | null>(null);

// Into the live region.
export function announce(sentence: string): void {
  announced.value = "";
  requestAnimationFrame(() => { announced.value = sentence; });
}

export function tell(sentence: string, tone: "" | "done" | "look" | "refused" = ""): void {
  told.value = { sentence, tone };
  announce(sentence);
}
