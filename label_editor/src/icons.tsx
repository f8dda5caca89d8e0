// Drawings of 24 by 24 that stand beside words, in the colour of the words.

import type { ComponentChildren } from "preact";

function Icon({ children, filled = false }: { children: ComponentChildren; filled?: boolean }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" fill={filled ? "currentColor" : "none"} stroke={filled ? "none" : "currentColor"} stroke-width="2" stroke-linejoin="round" stroke-linecap="round">{children}</svg>
  );
}

const line = (d: string) => <Icon><path d={d} /></Icon>;
const solid = (d: string) => <Icon filled><path d={d} /></Icon>;

export const icons = {
  text: () => line("M5 7V5h14v2M12 5v14M9 19h6"),
  barcode: () => solid("M2 5h2v14H2zM6 5h1v14H6zM9 5h3v14H9zM14 5h1v14h-1zM17 5h2v14h-2zM21 5h1v14h-1z"),
  qr: () => solid("M3 3h8v8H3zM5 5v4h4V5zM13 3h8v8h-8zM15 5v4h4V5zM3 13h8v8H3zM5 15v4h4v-4zM13 13h3v3h-3zM18 13h3v3h-3zM13 18h3v3h-3zM17 17h2v2h-2zM19 19h2v2h-2z"),
  image: () => line("M3 5h18v14H3zM3 16l5-5 4 4 3-3 6 6M16 9h.01"),
  line: () => line("M4 20L20 4"),
  box: () => line("M4 6h16v12H4z"),
  ellipse: () => <Icon><ellipse cx="12" cy="12" rx="9" ry="6" /></Icon>,
  date: () => line("M4 6h16v14H4zM4 10h16M8 3v4M16 3v4M8 14h3"),
  counter: () => line("M4 8l2-1v10M10 9a2 2 0 114 0c0 2-4 4-4 8h4M17 7h3l-2 4c3 0 3 6-1 6"),
  raw: () => line("M8 8l-4 4 4 4M16 8l4 4-4 4M13 5l-2 14"),
  field: () => line("M9 4c-4 0-2 8-5 8 3 0 1 8 5 8M15 4c4 0 2 8 5 8-3 0-1 8-5 8"),
  lock: () => line("M6 11h12v9H6zM8 11V8a4 4 0 018 0v3"),
  unlock: () => line("M6 11h12v9H6zM8 11V8a4 4 0 017-2"),
  pen: () => line("M4 20l1-4L16 5l3 3L8 19zM14 7l3 3"),
  more: () => solid("M4 10h4v4H4zM10 10h4v4h-4zM16 10h4v4h-4z"),
  plus: () => line("M12 5v14M5 12h14"),
  gone: () => line("M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M11 11v5M13 11v5"),
  left: () => <Icon><path d="M4 3v18" /><path d="M7 6h13v4H7zM7 14h8v4H7z" fill="currentColor" /></Icon>,
  center: () => <Icon><path d="M12 3v18" /><path d="M5 6h14v4H5zM8 14h8v4H8z" fill="currentColor" /></Icon>,
  right: () => <Icon><path d="M20 3v18" /><path d="M4 6h13v4H4zM9 14h8v4H9z" fill="currentColor" /></Icon>,
  top: () => <Icon><path d="M3 4h18" /><path d="M6 7h4v13H6zM14 7h4v8h-4z" fill="currentColor" /></Icon>,
  middle: () => <Icon><path d="M3 12h18" /><path d="M6 5h4v14H6zM14 8h4v8h-4z" fill="currentColor" /></Icon>,
  bottom: () => <Icon><path d="M3 20h18" /><path d="M6 4h4v13H6zM14 9h4v8h-4z" fill="currentColor" /></Icon>,
  across: () => <Icon><path d="M3 4v16M21 4v16" /><path d="M9 7h6v10H9z" fill="currentColor" /></Icon>,
  down: () => <Icon><path d="M4 3h16M4 21h16" /><path d="M7 9h10v6H7z" fill="currentColor" /></Icon>,
  wide: () => line("M3 12h18M6 8l-4 4 4 4M18 8l4 4-4 4"),
  high: () => line("M12 3v18M8 6l4-4 4 4M8 18l4 4 4-4"),
  front: () => <Icon><path d="M4 4h11v11H4z" fill="currentColor" /><path d="M18 9h2v11H9v-2" /></Icon>,
  back: () => <Icon><path d="M9 9h11v11H9z" fill="currentColor" /><path d="M6 15H4V4h11v2" /></Icon>,
  group: () => line("M3 3h4M3 3v4M21 3h-4M21 3v4M3 21h4M3 21v-4M21 21h-4M21 21v-4M7 7h6v6H7zM11 11h6v6h-6z"),
  ungroup: () => line("M4 4h7v7H4zM13 13h7v7h-7z"),
  turn: () => line("M5 12a7 7 0 117 7M5 12l-3-3M5 12l3-3"),
  copy: () => line("M8 8h12v12H8zM4 16V4h12"),
  align_left: () => line("M4 6h16M4 12h10M4 18h13"),
  align_center: () => line("M4 6h16M7 12h10M5 18h14"),
  align_right: () => line("M4 6h16M10 12h10M7 18h13"),
};

export type IconName = keyof typeof icons;
