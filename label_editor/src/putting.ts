// Putting something new on the label, as the buttons, the keys and the data fields do it.

import { add } from "./actions";
import { clamp, type Point, type Size } from "./boxes";
import { withField } from "./fields_known";
import { saved_ } from "./label";
import { choosePicture, keep } from "./pictures";
import { tell } from "./said";
import { codeSize, freePlace, shapeSize, textSize } from "./starting";
import { called } from "./symbologies";
import { drawn, size } from "./tiles";
import type { Document, Element, Field, Kind } from "./types";
import { density, toUm } from "./units";
import { t } from "./words";

export type New = "text" | "barcode" | "qr" | "image" | "line" | "box" | "ellipse" | "date" | "counter";

// What a data field becomes on the label.
export type Shown = "text" | "barcode" | "qr";

export function put(what: New, at?: Point): void {
  switch (what) {
    case "text": putText(t("Text"), at); break;
    case "date": putText("{today|date:YYYY-MM-DD}", at); break;
    case "counter": putCounter(at); break;
    case "barcode": putCode("code128", undefined, at); break;
    case "qr": putCode("qr", undefined, at); break;
    case "image": void putPicture(at); break;
    case "line": case "box": case "ellipse": putSized(what, shapeSize(what, saved_.value.size), {}, at); break;
  }
}

export function putField(field: Field, as: Shown, at?: Point): void {
  const content = `{${field.name}}`, also = (label: Document): Document => withField(label, field);
  if (as === "text") putText(content, at, also);
  else putCode(as === "qr" ? "qr" : "code128", content, at, also);
}

function putText(content: string, at?: Point, also?: (label: Document) => Document): void {
  const { size: letters, ...box } = textSize(saved_.value.size);
  putSized("text", box, { content, size: letters }, at, also);
}

function putCounter(at?: Point): void {
  const taken = new Set([...(saved_.value.counters || []), ...(saved_.value.fields || [])].map((one) => one.name));
  let name = "counter";
  for (let n = 2; taken.has(name); n += 1) name = `counter_${n}`;
  putText(`{${name}}`, at, (label) => ({ ...label, counters: [...(label.counters || []), { name, title: t("Counter"), width: 4 }] }));
}

function putCode(name: string, content: string | undefined, at?: Point, also?: (label: Document) => Document): void {
  const one = called(name);
  if (!one) {
    tell(t("The list of codes is not here yet. Try again in a moment."), "look");
    return;
  }
  const { module, ...box } = codeSize(one, saved_.value.size, size.value.density);
  const keys: Record<string, unknown> = { symbology: name, content: content ?? one.sample };
  if (one.kind === "linear") keys["text"] = "below";
  const quiet = toUm(module * Math.max(...one.quiet), density(size.value.density));
  putSized("barcode", box, keys, at, also, quiet);
}

async function putPicture(at?: Point): Promise<void> {
  const found = await choosePicture();
  if (found) putSized("image", found.size, { picture: found.picture }, at);
}

// A picture that was dropped or pasted.
export async function addPicture(file: File): Promise<void> {
  const found = await keep(file);
  if (found) putSized("image", found.size, { picture: found.picture });
}

// A code takes the white round it, too, that its reader needs.
function withQuiet(one: Element): Element {
  const found = drawn.value.get(one.id), quiet = one.type === "barcode" && called(one.symbology)?.quiet;
  if (!quiet || !found || !found.module) return one;
  const white = toUm(found.module * Math.max(...quiet), density(size.value.density)), down = quiet[2] || quiet[3] || one.rotation ? white : 0;
  return { ...one, x: one.x - white, y: one.y - down, width: one.width + 2 * white, height: one.height + 2 * down };
}

function putSized(kind: Kind, box: Size, keys: Record<string, unknown>, at?: Point, also?: (label: Document) => Document, quiet = 0): void {
  const label = saved_.value;
  let place: Point | null;
  if (at) {
    place = {
      x: clamp(Math.round(at.x - box.width / 2), 0, label.size.width - box.width),
      y: clamp(Math.round(at.y - box.height / 2), 0, label.size.height - box.height),
    };
  } else {
    // What this record leaves out takes no paper.
    const there = label.elements.filter((one) => { const found = drawn.value.get(one.id); return !found || found.parts.length > 0 || found.says !== null; });
    place = freePlace({ ...label, elements: there.map(withQuiet) }, box, quiet);
  }
  add(kind, { ...keys, ...box, ...(place || {}) }, also);
}
