// Questions that stand over everything else, one at a time.

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

export const asked = signal<(() => ComponentChildren) | null>(null);

export function Dialogs() {
  const question = asked.value;
  return question ? <>{question()}</> : null;
}
