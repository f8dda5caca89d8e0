// A button with choices under it (over it, at the bottom of the window).

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

const open = signal(""); // which menu

// Shut by Esc, a choice or a touch elsewhere.
export function Drop({ id, title, label, disabled = false, kind = "", children }: {
  id: string; title: string; label?: string; disabled?: boolean; kind?: string; children: () => ComponentChildren;
}) {
  const box = useRef<HTMLDivElement>(null), mine = open.value === id;
  useEffect(() => {
    if (!mine) return;
    const elsewhere = (event: Event): void => { if (!box.current!.contains(event.target as Node)) open.value = ""; };
    document.addEventListener("pointerdown", elsewhere, true);
    return () => document.removeEventListener("pointerdown", elsewhere, true);
  }, [mine]);
  return (
    <div class={`drops ${kind}`} ref={box} onKeyDown={(event) => {
      if (event.key !== "Escape" || !mine) return;
      event.stopPropagation();
      open.value = "";
      box.current!.querySelector("button")!.focus();
    }}>
      <button aria-expanded={mine} aria-haspopup="dialog" disabled={disabled} aria-label={label} onClick={() => { open.value = mine ? "" : id; }}>{title}</button>
      {mine && <div class="choices" role="dialog" aria-label={label || title} onClick={() => { open.value = ""; }}>{children()}</div>}
    </div>
  );
}
