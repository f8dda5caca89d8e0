// Questions that stand over everything else, one at a time.

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "./words";

export const asked = signal<(() => ComponentChildren) | null>(null);

export function shut(): void {
  asked.value = null;
}

export function Dialogs() {
  const Question = asked.value;
  return Question ? <Question /> : null;
}

// A window over the others. It takes the keys, and gives them back to whoever had them.
export function Dialog({ title, wide = false, onShut = shut, children }: {
  title: string; wide?: boolean; onShut?: () => void; children: ComponentChildren;
}) {
  const box = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const one = box.current!;
    one.showModal();
    return () => one.close();
  }, []);
  return (
    <dialog
      ref={box} class={wide ? "asking wide" : "asking"} aria-labelledby="asking"
      onCancel={(event) => { event.preventDefault(); onShut(); }} onKeyDown={(event) => event.stopPropagation()}
    >
      <header><h2 id="asking">{title}</h2><button class="x" onClick={onShut} aria-label={t("Close")}>✕</button></header>
      {children}
    </dialog>
  );
}
