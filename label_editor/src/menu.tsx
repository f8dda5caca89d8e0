// A button that opens a list of things to choose from; arrows, Escape and typing letters work in it.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

export interface Act { title: string; detail?: string; act: () => void; picture?: ComponentChildren }
export interface Part { title: string; acts: readonly Act[] }

export function Menu({ title, label, parts, kind = "" }: { title: ComponentChildren; label?: string; parts: () => readonly Part[]; kind?: string }) {
  const [open, turn] = useState(false), button = useRef<HTMLButtonElement>(null);
  const close = (back = true): void => {
    turn(false);
    if (back) button.current?.focus();
  };
  return (
    <div class="menu-place">
      <button ref={button} type="button" class={kind} aria-haspopup="menu" aria-expanded={open} aria-label={label} title={label} onClick={() => turn(!open)}>{title}</button>
      {open && <List parts={parts()} close={close} by={button} />}
    </div>
  );
}

// The list itself, which has the focus while it is there.
export function List({ parts, close, by, at }: {
  parts: readonly Part[]; close: (back?: boolean) => void; by?: { current: HTMLElement | null }; at?: { x: number; y: number };
}) {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const list = place.current!;
    const room = by?.current ? by.current.getBoundingClientRect() : { left: at!.x, right: at!.x, top: at!.y, bottom: at!.y };
    const below = innerHeight - room.bottom - 8, above = room.top - 8;
    const high = Math.min(list.scrollHeight + 4, Math.max(below, above));
    list.style.maxHeight = `${high}px`;
    list.style.top = `${below >= high || below >= above ? room.bottom : room.top - high}px`;
    list.style.left = `${Math.max(4, Math.min(room.left, innerWidth - list.offsetWidth - 4))}px`;
    list.querySelector<HTMLElement>("[role=menuitem]")?.focus({ preventScroll: true });
    const away = (event: Event): void => {
      const target = event.target as Node;
      if (!list.contains(target) && !by?.current?.contains(target)) close(false);
    };
    addEventListener("pointerdown", away, true);
    return () => removeEventListener("pointerdown", away, true);
  }, []);
  const press = (event: KeyboardEvent): void => {
    const all = [...place.current!.querySelectorAll<HTMLElement>("[role=menuitem]")], here = all.indexOf(document.activeElement as HTMLElement);
    const to = (n: number): void => all[(n + all.length) % all.length]?.focus();
    event.stopPropagation();
    switch (event.key) {
      case "ArrowDown": to(here + 1); break;
      case "ArrowUp": to(here - 1); break;
      case "Home": to(0); break;
      case "End": to(all.length - 1); break;
      case "Escape": close(); break;
      case "Tab": close(); break;
      default: {
        if (event.key.length !== 1 || event.ctrlKey || event.altKey || event.metaKey || event.key === " ") return;
        const wanted = event.key.toLowerCase(), order = [...all.slice(here + 1), ...all.slice(0, here + 1)];
        order.find((one) => one.textContent!.trim().toLowerCase().startsWith(wanted))?.focus();
      }
    }
    event.preventDefault();
  };
  return (
    <div class="menu-list" role="menu" ref={place} onKeyDown={press}>
      {parts.filter((part) => part.acts.length).map((part) => (
        <div role="group" aria-label={part.title} key={part.title}>
          {part.title && <p class="called" aria-hidden="true">{part.title}</p>}
          {part.acts.map((one) => (
            <button key={one.title} type="button" role="menuitem" tabIndex={-1} onClick={() => { close(); one.act(); }}>
              {one.picture}<span>{one.title}{one.detail && <small> {one.detail}</small>}</span>
            </button>
          ))}
        </div>
      ))}
    </div>
  );
}
