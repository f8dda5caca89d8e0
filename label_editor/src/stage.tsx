// The middle: the label itself, in whole dots, made of the gateway's own ink.
//
// The picture is an SVG whose unit is a dot. Each element is a group at its place; its tiles are
// pictures that are never scaled by anything but the zoom.

import { density, say, toDots } from "./units";
import { elements, document_, select, selection } from "./label";
import { described } from "./names";
import { unit } from "./session";
import { drawn, picture, size } from "./tiles";
import type { Element } from "./types";
import { t } from "./words";

// The place of an element in dots: the same sums as gateway/templates/layout.py.
export function place(one: Element) {
  const at = density(size.value.density);
  const width = toDots(one.width, at), height = toDots(one.height, at);
  const across = toDots(document_.value.size.width, at), down = toDots(document_.value.size.height, at);
  const x = Math.min(toDots(one.x, at), Math.max(0, across - width));
  const y = Math.min(toDots(one.y, at), Math.max(0, down - height));
  return { x, y, width, height };
}

function Object_({ one }: { one: Element }) {
  const { x, y, width, height } = place(one), found = drawn.value.get(one.id);
  return (
    <g
      role="option" tabIndex={0} data-id={one.id} transform={`translate(${x} ${y})`}
      aria-selected={selection.value.includes(one.id)} aria-label={described(one, found, unit.value)}
      onPointerDown={() => select(one.id)} onFocus={() => select(one.id)}
    >
      {(found?.parts || []).map((part, n) => (
        <image key={n} x={part.dx} y={part.dy} width={part.width} height={part.height} href={picture(part.tile)} />
      ))}
      <rect class="hit" width={width} height={height} />
    </g>
  );
}

export function Stage() {
  const { width, height } = size.value, label = document_.value.size;
  const name = t("Label %(width)s by %(height)s %(unit)s", {
    width: say(label.width, unit.value), height: say(label.height, unit.value), unit: unit.value,
  });
  return (
    <main class="stage">
      <svg id="label" role="listbox" aria-label={name} aria-multiselectable="true" viewBox={`0 0 ${width} ${height}`} width={width} height={height}>
        <rect class="paper" width={width} height={height} />
        {elements.value.map((one) => <Object_ key={one.id} one={one} />)}
      </svg>
    </main>
  );
}
