// What lies over the label and is never printed: frames, handles, guides, the grid, what is wrong.

import { around, type Box } from "./boxes";
import { thickness } from "./codes";
import { elements, selected } from "./label";
import { grid as gridShown } from "./habits";
import { at, dots, place } from "./place";
import { bare, grid } from "./pointer";
import { gesturing, guides, idle, readout, rubber, writing } from "./shown";
import { drawn, problems, size } from "./tiles";
import type { Element } from "./types";
import { t } from "./words";
import { ground, zoom } from "./zoom";

const SIDE = 24, HIT = 44; // CSS pixels of a handle, and of what takes hold of it
const ROOM = 72; // CSS pixels a side needs for a handle at each corner
const BESIDE = 16; // how far handles stand off what is smaller

// A place in dots, or micrometres, in pixels of the ground.
const pixels = (box: Box): Box => ({
  x: ground.value.left + box.x * zoom.value, y: ground.value.top + box.y * zoom.value,
  width: box.width * zoom.value, height: box.height * zoom.value,
});
const toPixels = (um: number): number => (um * at.value.n * zoom.value) / (1000 * at.value.d);
const placed = (box: Box): Box => ({
  x: ground.value.left + toPixels(box.x), y: ground.value.top + toPixels(box.y), width: toPixels(box.width), height: toPixels(box.height),
});

function handles(one: Element, { width, height }: Box): [number, number][] {
  if (one.type === "line" && (one.direction || "-") === "-") return [[-1, 0], [1, 0]];
  if (one.type === "line" && one.direction === "|") return [[0, -1], [0, 1]];
  const sides: [number, number][] = [[0, -1], [-1, 0], [1, 0], [0, 1]];
  return width >= ROOM && height >= ROOM ? [...sides, [-1, -1], [1, -1], [-1, 1], [1, 1]] : sides;
}

const CURSORS: Record<string, string> = { "0": "ns-resize", "1": "nwse-resize", "-1": "nesw-resize" };

function Handles({ one, box }: { one: Element; box: Box }) {
  // Small things keep their middle free, so that they can still be moved.
  const out = { x: box.width < ROOM ? BESIDE : 2, y: box.height < ROOM ? BESIDE : 2 };
  return (
    <g class="handles">
      {handles(one, box).map(([across, down]) => {
        const x = box.x + (box.width * (across + 1)) / 2 + across * out.x, y = box.y + (box.height * (down + 1)) / 2 + down * out.y;
        return (
          <g key={`${across} ${down}`} data-handle={`${across} ${down}`} style={{ cursor: down === 0 ? "ew-resize" : CURSORS[String(across * down)]! }}>
            <rect class="grip" x={x - HIT / 2} y={y - HIT / 2} width={HIT} height={HIT} />
            <rect class="handle" x={x - SIDE / 4} y={y - SIDE / 4} width={SIDE / 2} height={SIDE / 2} rx={3} />
          </g>
        );
      })}
    </g>
  );
}

// Under the frame: what the gesture makes of it; of a code at rest, what the gateway drew.
function Readout({ box }: { box: Box }) {
  const one = selected.value.length === 1 ? selected.value[0]! : null, found = one && drawn.value.get(one.id);
  const rest = one?.type === "barcode" && found?.module ? thickness(one, found.module, size.value.density) : "";
  const text = readout.value || (gesturing.value || idle.value ? "" : rest);
  if (!text) return null;
  const below = box.y + box.height + 34 < ground.value.height, bad = text.endsWith(t("too thin"));
  const wide = text.length * 8.2 + 20;
  const x = Math.max(4, Math.min(box.x + box.width / 2 - wide / 2, ground.value.width - wide - 4));
  const y = below ? box.y + box.height + 20 : box.y - 42;
  return (
    <g class={`readout${bad ? " bad" : ""}`} id="readout">
      <rect x={x} y={y} width={wide} height={24} rx={6} />
      <text x={x + wide / 2} y={y + 17}>{text}</text>
    </g>
  );
}

function Grid() {
  const step = toPixels(grid()), from = pixels({ x: 0, y: 0, ...dots.value });
  // Lines nearer than this are a grey surface.
  const each = Math.max(1, Math.ceil(6 / step)) * step;
  let path = "";
  for (let x = each; x < from.width; x += each) path += `M${from.x + x} ${from.y}v${from.height}`;
  for (let y = each; y < from.height; y += each) path += `M${from.x} ${from.y + y}h${from.width}`;
  return <path class="grid" d={path} />;
}

// The edge that the printer lets go of first.
function Feed() {
  const label = pixels({ x: 0, y: 0, ...dots.value }), x = label.x + label.width / 2, y = label.y - 8;
  return (
    <g class="feed">
      <path d={`M${x} ${y}v-16m-6 6l6 -6l6 6`} />
      <text x={x + 12} y={y - 4}>{t("comes out first")}</text>
    </g>
  );
}

function Wrong() {
  const bad = new Set(problems.value.map((one) => one.element));
  return (
    <>
      {elements.value.filter((one) => bad.has(one.id) || !drawn.value.has(one.id)).map((one) => {
        const box = pixels(place(one));
        return (
          <g key={one.id} class={bad.has(one.id) ? "wrong" : "coming"}>
            <rect x={box.x - 1} y={box.y - 1} width={box.width + 2} height={box.height + 2} />
            {bad.has(one.id) && <path d={`M${box.x} ${box.y - 3}l9 -16l9 16z`} />}
            {bad.has(one.id) && <text x={box.x + 9} y={box.y - 6}>!</text>}
          </g>
        );
      })}
    </>
  );
}

export function Frame() {
  const { width, height } = ground.value, list = selected.value;
  const boxes = list.map((one) => pixels(place(one))), whole = boxes.length ? around(boxes) : null;
  const only = list.length === 1 ? list[0]! : null, moving = gesturing.value === "move";
  const locked = list.length > 0 && list.every((one) => one.locked);
  return (
    <svg class={`frame${idle.value ? " idle" : ""}${gesturing.value ? " busy" : ""}`} width={width} height={height} aria-hidden="true">
      {!bare() && (
        <>
          <Feed />
          {gridShown.value && <Grid />}
          <Wrong />
          {guides.value.map((one, n) => {
            const from = ground.value.left, top = ground.value.top;
            return one.axis === "x"
              ? <path key={n} class="guide" d={`M${from + toPixels(one.at)} ${top + toPixels(one.from)}V${top + toPixels(one.to)}`} />
              : <path key={n} class="guide" d={`M${from + toPixels(one.from)} ${top + toPixels(one.at)}H${from + toPixels(one.to)}`} />;
          })}
          {boxes.length > 1 && boxes.map((box, n) => (
            <rect key={n} class="each" x={box.x - 1} y={box.y - 1} width={box.width + 2} height={box.height + 2} />
          ))}
          {whole && <rect class={`selected${locked ? " locked" : ""}`} x={whole.x - 3} y={whole.y - 3} width={whole.width + 6} height={whole.height + 6} />}
          {locked && whole && <text class="lock" x={whole.x + whole.width} y={whole.y - 8}>{t("locked")}</text>}
          {only && !only.locked && !moving && !writing.value && <Handles one={only} box={boxes[0]!} />}
          {whole && <Readout box={whole} />}
          {rubber.value && (() => { const box = placed(rubber.value); return <rect class="rubber" {...box} />; })()}
        </>
      )}
    </svg>
  );
}
