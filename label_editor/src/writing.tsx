// The text of an element, edited where it stands. What is typed is one step as long as it flows.

import { useLayoutEffect, useRef } from "preact/hooks";
import { at as shownAt, change, edit, elements, go } from "./label";
import { place } from "./place";
import { focus } from "./pointer";
import { writing } from "./shown";
import type { BarcodeElement, TextElement } from "./types";
import { t } from "./words";
import { ground, zoom } from "./zoom";

export function Writing() {
  const one = elements.value.find((it) => it.id === writing.value);
  return one && "content" in one ? <Field key={one.id} one={one} /> : null;
}

function Field({ one }: { one: TextElement | BarcodeElement }) {
  const field = useRef<HTMLTextAreaElement>(null), began = useRef(shownAt.value);
  useLayoutEffect(() => {
    field.current!.focus();
    field.current!.select();
  }, []);
  const box = place(one), scale = zoom.value, wide = Math.max(180, box.width * scale + 8);
  const letters = one.type === "text" ? Math.max(16, Math.min(place({ ...one, height: one.size }).height * scale, 64)) : 18;
  const leave = () => { writing.value = ""; focus(one.id); };
  const type = (content: string) =>
    edit(t("Type text"), (label) => change(label, { [one.id]: { content } }), `content ${one.id}`);
  const key = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      leave();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      // As it was before the first letter.
      if (shownAt.value > began.current) go(began.current);
      leave();
    }
  };
  return (
    <textarea
      ref={field} class="written" aria-label={t("Text of this element")} value={one.content} spellcheck={false} rows={1}
      style={{
        left: `${ground.value.left + box.x * scale - 4}px`, top: `${ground.value.top + box.y * scale - 4}px`,
        width: `${wide}px`, height: `${Math.max(44, box.height * scale + 8)}px`, fontSize: `${letters}px`,
      }}
      onInput={(event) => type(event.currentTarget.value)} onKeyDown={key} onBlur={() => { if (writing.value === one.id) writing.value = ""; }}
    />
  );
}
