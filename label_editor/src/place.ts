// Where an element stands in whole dots: the same sums as gateway/templates/layout.py.

import { computed } from "@preact/signals";
import type { Box, Size } from "./boxes";
import { document_ } from "./label";
import { size } from "./tiles";
import { density, toDots, type Density } from "./units";

// Numbers that stay the same while something is dragged, so that nothing else is drawn again.
const wide = computed(() => document_.value.size.width);
const high = computed(() => document_.value.size.height);
const written = computed(() => size.value.density);

export const at = computed<Density>(() => density(written.value));
export const paper = computed<Size>(() => ({ width: wide.value, height: high.value }));
// The paper in dots.
export const dots = computed<Size>(() => ({ width: toDots(wide.value, at.value), height: toDots(high.value, at.value) }));

export function place(one: Box): Box {
  const by = at.value, all = dots.value;
  const width = toDots(one.width, by), height = toDots(one.height, by);
  return {
    x: Math.min(toDots(one.x, by), Math.max(0, all.width - width)),
    y: Math.min(toDots(one.y, by), Math.max(0, all.height - height)),
    width, height,
  };
}

// Micrometres that a number of dots are, not rounded: for what follows a finger.
export const toLength = (count: number): number => (count * 1000 * at.value.d) / at.value.n;
