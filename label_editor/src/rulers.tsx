// The two rulers: from the label's corner, in millimetres or inches, with the selection marked.

import { around } from "./boxes";
import { selected } from "./label";
import { at, dots, place } from "./place";
import { unit } from "./session";
import { ground, view, zoom } from "./zoom";

const STEPS = { mm: [0.5, 1, 5, 10, 50, 100], in: [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4] };
const NAMED = { mm: [1, 2, 5, 10, 20, 50, 100, 200], in: [1 / 4, 1 / 2, 1, 2, 4, 8] };
const LEAST = 5, LEAST_NAMED = 38; // CSS pixels between two marks, two numbers
export const WIDTH = 24;

function Ruler({ axis }: { axis: "across" | "down" }) {
  const across = axis === "across", scale = zoom.value, room = view.value;
  const length = across ? room.width : room.height;
  const start = across ? ground.value.left - room.left : ground.value.top - room.top;
  const pixels = ((unit.value === "mm" ? 1 : 25.4) * at.value.n * scale) / at.value.d; // a mm or an inch
  const step = STEPS[unit.value].find((one) => one * pixels >= LEAST) || 10;
  const named = NAMED[unit.value].find((one) => one * pixels >= LEAST_NAMED) || 100;
  const label = (across ? dots.value.width : dots.value.height) * scale;
  let marks = "";
  const numbers: { at: number; text: string }[] = [];
  const from = Math.floor(-start / pixels / step), to = Math.ceil((length - start) / pixels / step);
  for (let n = from; n <= to; n += 1) {
    const value = n * step, position = Math.round(start + value * pixels) + 0.5;
    const whole = Math.abs(value / named - Math.round(value / named)) < 1e-6;
    const half = Math.abs((2 * value) / named - Math.round((2 * value) / named)) < 1e-6;
    const long = whole ? 12 : half ? 8 : 5;
    marks += across ? `M${position} ${WIDTH}v${-long}` : `M${WIDTH} ${position}h${-long}`;
    if (whole) numbers.push({ at: position, text: String(Math.round(value * 1000) / 1000) });
  }
  const list = selected.value.map(place), box = list.length ? around(list) : null;
  const mark = box && { at: start + (across ? box.x : box.y) * scale, size: (across ? box.width : box.height) * scale };
  return (
    <svg class={`ruler ${axis}`} aria-hidden="true">
      {across ? <rect class="there" x={start} width={label} height={WIDTH} /> : <rect class="there" y={start} width={WIDTH} height={label} />}
      {mark && (across ? <rect class="mark" x={mark.at} width={mark.size} height={WIDTH} /> : <rect class="mark" y={mark.at} width={WIDTH} height={mark.size} />)}
      <path d={marks} />
      {numbers.map((one) => across
        ? <text key={one.text} x={one.at + 3} y={10}>{one.text}</text>
        : <text key={one.text} transform={`translate(10 ${one.at - 3}) rotate(-90)`}>{one.text}</text>)}
    </svg>
  );
}

export function Rulers() {
  return (
    <>
      <span class="corner" aria-hidden="true">{unit}</span>
      <Ruler axis="across" />
      <Ruler axis="down" />
    </>
  );
}
