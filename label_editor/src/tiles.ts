// The ink of the label, as the gateway draws it: asked for when the document or the record changes,
// one request at a time, the latest wins. What moves keeps its tiles and asks for nothing until it
// is put down.

import { effect, signal } from "@preact/signals";
import { Away, Refused, ask } from "./api";
import { saved_ } from "./label";
import type { Document, Drawn, Problem, Sketch } from "./types";

export const away = signal(false); // the gateway does not answer
export const drawn = signal<ReadonlyMap<string, Drawn>>(new Map());
export const problems = signal<readonly Problem[]>([]);
export const prints = signal(true);
export const values = signal<Record<string, string>>({});
export const size = signal<{ width: number; height: number; density: number | string }>({ width: 1, height: 1, density: 8 });
// Which document the tiles are of: an element that has changed since is shown faded.
export const drawn_of = signal<Document | null>(null);

// For which head, and with which values, the label is shown.
export const head = signal<{ printer?: string; density?: number | string }>({ density: 8 });
export const record = signal<Record<string, string>>({});

const ink = new Map<string, string>(); // name -> PNG as a data URL
const MOST_KEPT = 2000;
const AGAIN = 2000; // ms until a gateway that does not answer is asked again

export function picture(tile: string): string {
  return ink.get(tile) || "";
}

let busy = false, wanted = false, timer = 0;

function ask_soon(): void {
  wanted = true;
  if (!busy) void draw();
}

async function draw(): Promise<void> {
  busy = true;
  while (wanted) {
    wanted = false;
    const document = saved_.value;
    try {
      const { body } = await ask<Sketch>("POST", "/v1/editor/tiles", {
        document, ...head.value, fields: record.value, have: [...ink.keys()],
      });
      if (ink.size > MOST_KEPT) ink.clear();
      for (const [name, png] of Object.entries(body.tiles)) ink.set(name, `data:image/png;base64,${png}`);
      const missing = body.elements.some((one) => one.parts.some((part) => !ink.has(part.tile)));
      if (missing) { ink.clear(); wanted = true; continue; }
      away.value = false;
      drawn.value = new Map(body.elements.map((one) => [one.id, one]));
      size.value = { width: body.width, height: body.height, density: body.density };
      problems.value = body.problems;
      prints.value = body.prints;
      values.value = body.values;
      drawn_of.value = document;
    } catch (error) {
      if (error instanceof Refused) {
        away.value = false;
        prints.value = false;
        problems.value = [{ element: null, code: "refused", sentence: error.message, facts: {}, fixes: [] }];
      } else if (error instanceof Away) {
        away.value = true;
        clearTimeout(timer);
        timer = window.setTimeout(ask_soon, AGAIN);
      } else {
        busy = false;
        throw error;
      }
    }
  }
  busy = false;
}

// Begin: from now on the tiles follow the label.
export function follow(): void {
  effect(() => {
    void saved_.value, head.value, record.value;
    ask_soon();
  });
}
