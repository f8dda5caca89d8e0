// The middle: the label itself, in whole dots, made of the gateway's own ink.
//
// The picture is an SVG whose unit is a dot. Each element is a group at its place; its tiles are
// pictures that are never scaled by anything but the zoom. What is no ink lies over it (frame.tsx).

import { computed } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { like } from "./actions";
import { Frame } from "./frame";
import { listen } from "./keys";
import { elements, select, selection } from "./label";
import { described } from "./names";
import { dots, paper, place } from "./place";
import { cancel, double, down, family, move, pointing, up } from "./pointer";
import { Rulers } from "./rulers";
import { unit } from "./session";
import { clean, gesturing, panning, stir } from "./shown";
import { drawn, drawn_of, picture } from "./tiles";
import type { Element } from "./types";
import { say } from "./units";
import { t } from "./words";
import { Writing } from "./writing";
import { ground, look, settle, watch, zoom, zoomTo } from "./zoom";
import "./stage.css";

const chosen = computed(() => new Set(selection.value));
const sources = computed(() => new Map((drawn_of.value?.elements || []).map((one) => [one.id, one])));

// Keys that change nothing of an element's own ink.
const OUTWARD = new Set(["id", "x", "y", "title", "group", "locked"]);

// Whether an element looks other than when it was drawn last.
function stale(one: Element): boolean {
  const was = sources.value.get(one.id) || sources.value.get(like.get(one.id) || "");
  if (was === one) return false;
  if (!was) return true;
  const before = was as unknown as Record<string, unknown>, now = one as unknown as Record<string, unknown>;
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].some((key) => !OUTWARD.has(key) && before[key] !== now[key]);
}

function Thing({ one }: { one: Element }) {
  const { x, y, width, height } = place(one);
  const found = drawn.value.get(one.id) || drawn.value.get(like.get(one.id) || "");
  const parts = found?.parts || [];
  return (
    <g
      role="option" tabindex={0} data-id={one.id} transform={`translate(${x} ${y})`}
      class={`${stale(one) ? "stale" : ""}${parts.length ? "" : " silent"}${one.locked ? " locked" : ""}`}
      aria-selected={chosen.value.has(one.id)} aria-label={described(one, found, unit.value)}
      onFocus={() => { if (!pointing) { select(...family(one.id)); stir(); } }}
    >
      {parts.map((part, n) => (
        <image key={n} x={part.dx} y={part.dy} width={part.width} height={part.height} href={picture(part.tile)} />
      ))}
      <rect class="hit" width={width} height={height} />
    </g>
  );
}

function Things() {
  return <>{elements.value.map((one) => <Thing key={one.id} one={one} />)}</>;
}

function Label() {
  const { width, height } = dots.value, scale = zoom.value;
  const name = t("Label %(width)s by %(height)s %(unit)s", {
    width: say(paper.value.width, unit.value), height: say(paper.value.height, unit.value), unit: unit.value,
  });
  return (
    <svg
      id="label" role="listbox" tabindex={-1} aria-label={name} aria-multiselectable="true" viewBox={`0 0 ${width} ${height}`}
      class={scale < 1 ? "small" : ""} width={width * scale} height={height * scale}
      style={{ left: `${ground.value.left}px`, top: `${ground.value.top}px` }}
    >
      <rect class="paper" width={width} height={height} />
      <Things />
    </svg>
  );
}

function Ground() {
  const { width, height } = ground.value;
  useLayoutEffect(settle);
  return (
    <div class="ground" style={{ width: `${width}px`, height: `${height}px` }}>
      <Label />
      <Frame />
      <Writing />
    </div>
  );
}

function wheel(event: WheelEvent): void {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  // A wheel turns by 100 or so, two fingers on a pad by a few.
  zoomTo(zoom.value * Math.exp(-Math.max(-120, Math.min(event.deltaY, 120)) / 400), { x: event.clientX, y: event.clientY });
}

export function Stage() {
  const scroller = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => watch(scroller.current!), []);
  useEffect(listen, []);
  const state = panning.value || gesturing.value === "pan" ? " panning" : gesturing.value ? ` ${gesturing.value}` : "";
  return (
    <main class={`stage${state}${clean.value ? " clean" : ""}`} id="stage">
      <Rulers />
      <div
        class="scroller" ref={scroller} onScroll={look} onWheel={wheel} onMouseDown={(event) => { if (!(event.target as HTMLElement).closest(".written")) event.preventDefault(); }}
        onPointerDown={down} onPointerMove={move} onPointerUp={up} onDblClick={double} onPointerCancel={(event) => { up(event); cancel(); }}
        onContextMenu={(event) => event.preventDefault()}
      >
        <Ground />
      </div>
    </main>
  );
}
