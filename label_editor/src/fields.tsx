// Data fields: what fills the label, dragged onto it or put there by a press; and fields of one's own.

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { Point } from "./boxes";
import { bare, fetchFields, known, nameFor, offered, users, type Offered } from "./fields_known";
import { icons } from "./icons";
import { Choice, Fold, Tick, Words } from "./inputs";
import { document_, saved_ } from "./label";
import { List, type Part } from "./menu";
import { putField, type Shown } from "./putting";
import { announce } from "./said";
import { setLabel } from "./setting";
import { values } from "./tiles";
import type { Document, Field } from "./types";
import { t } from "./words";

export const ABOUTS = (): readonly (readonly [string, string])[] => [
  ["", t("Nothing in the registry")], ["serial", t("A serial number")], ["item", t("An item")], ["lot", t("A lot")],
  ["location", t("A location")], ["party", t("A customer or supplier")],
];

// A field that is on its way onto the label, and where the pointer is.
const dragged = signal<{ field: Offered; x: number; y: number } | null>(null);
// A field that waits for an answer to "as what?".
const waiting = signal<{ field: Offered; by: HTMLElement | null; x: number; y: number; at?: Point } | null>(null);

const FAR = 6; // CSS px between a press and a drag

// Where on the label a point of the window is, in µm; undefined beside it.
export function onLabel(x: number, y: number): Point | undefined {
  const paper = document.getElementById("label")?.getBoundingClientRect();
  if (!paper || x < paper.left || x >= paper.right || y < paper.top || y >= paper.bottom) return undefined;
  const stock = saved_.value.size;
  return { x: Math.round(((x - paper.left) / paper.width) * stock.width), y: Math.round(((y - paper.top) / paper.height) * stock.height) };
}

function ways(): readonly (readonly [Shown, string])[] {
  return [["text", t("Text")], ["barcode", t("Barcode")], ["qr", t("QR code")]];
}

function asWhat(field: Offered, at?: Point): readonly Part[] {
  return [{
    title: t("Put on the label as"),
    acts: ways().map(([as, title]) => {
      const Picture = icons[as];
      return { title, picture: <Picture />, act: () => putField(bare(field), as, at) };
    }),
  }];
}

function Row({ field }: { field: Offered }) {
  const called = field.title || field.name, says = values.value[field.name] || field.example || "";
  const begin = (event: PointerEvent): void => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    const button = event.currentTarget as HTMLElement, from = { x: event.clientX, y: event.clientY };
    let far = false;
    const move = (now: PointerEvent): void => {
      far = far || Math.hypot(now.clientX - from.x, now.clientY - from.y) > FAR;
      if (far) dragged.value = { field, x: now.clientX, y: now.clientY };
    };
    const end = (now: PointerEvent): void => {
      stop();
      const at = onLabel(now.clientX, now.clientY);
      if (far && at) waiting.value = { field, by: button, x: now.clientX, y: now.clientY, at };
      else if (far) announce(t("Drop it on the label."));
      // What follows a drag is no press.
      if (far) addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => removeEventListener("click", swallow, true), 0);
    };
    const swallow = (click: Event): void => click.stopPropagation();
    const leave = (key: KeyboardEvent): void => { if (key.key === "Escape") stop(); };
    const stop = (): void => {
      dragged.value = null;
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", stop);
      removeEventListener("keydown", leave, true);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", stop);
    addEventListener("keydown", leave, true);
  };
  return (
    <li class="field-row">
      <button
        type="button" class="field-grip" aria-haspopup="menu" aria-label={t("Put %(field)s on the label", { field: called })} onPointerDown={begin as any}
        onClick={(event) => { const box = event.currentTarget.getBoundingClientRect(); waiting.value = { field, by: event.currentTarget, x: box.left, y: box.bottom }; }}
      >
        <icons.field />
        <span><b>{called}</b>{says && <small>{says.length > 40 ? `${says.slice(0, 39)}…` : says}</small>}</span>
      </button>
    </li>
  );
}

// What a drag shows, and the question at its end.
export function Drag() {
  const going = dragged.value, asked = waiting.value;
  return (
    <>
      {going && <p class="ghost" style={{ left: `${going.x}px`, top: `${going.y}px` }} aria-hidden="true">{going.field.title || going.field.name}</p>}
      {asked && (
        <List
          parts={asWhat(asked.field, asked.at)} at={{ x: asked.x, y: asked.y }} by={asked.at ? undefined : { current: asked.by }}
          close={(back = true) => { waiting.value = null; if (back) asked.by?.focus(); }}
        />
      )}
    </>
  );
}

export function Fields() {
  const label = document_.value, about = label.about || "", found = known.value.get(about) || [];
  const [all, show] = useState(false), [form, edit] = useState<string | null>(null);
  useEffect(() => { void fetchFields(about).catch(() => undefined); }, [about]);
  const list = offered(label, found), most = all ? list : list.slice(0, Math.max(8, (label.fields || []).length));
  return (
    <>
      {!about && list.length === 0 && (
        <Choice label={t("This label is about")} value="" choices={ABOUTS()} set={(value) => setLabel(t("What it is about"), { about: value })} />
      )}
      {list.length > 0 && <p class="hint">{t("Press one, or drag it onto the label.")}</p>}
      <ul class="field-list">{most.map((field) => <Row key={field.name} field={field} />)}</ul>
      {list.length > most.length && <button type="button" class="wide" onClick={() => show(true)}>{t("All %(n)s fields", { n: list.length })}</button>}
      <Drag />
      {form === null && <button type="button" class="wide" onClick={() => edit("")}><icons.plus /><span>{t("New field")}</span></button>}
      {form !== null && <FieldForm name={form} done={() => edit(null)} />}
      {form === null && (label.fields || []).length > 0 && (
        <Fold name="fields-here" title={t("Change a field")} plain>
          <ul class="field-list">
            {(label.fields || []).map((one) => (
              <li key={one.name} class="field-row">
                <button type="button" class="wide" onClick={() => edit(one.name)}><icons.pen /><span>{one.title || one.name}</span></button>
              </li>
            ))}
          </ul>
        </Fold>
      )}
    </>
  );
}

function isOne(field: Field, text: string): boolean {
  switch (field.type) {
    case "integer": return /^-?[0-9]{1,18}$/.test(text);
    case "decimal": return /^-?[0-9]+(\.[0-9]+)?$/.test(text);
    case "date": return /^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$/.test(text);
    case "choice": return (field.choices || []).includes(text);
    default: return true;
  }
}

// A field of one's own, new or changed. What it is called inside the label stays when its title changes.
function FieldForm({ name, done }: { name: string; done: () => void }) {
  const before = (saved_.value.fields || []).find((one) => one.name === name);
  const [field, change] = useState<Field>(before || { name: "", title: "", type: "text" });
  const [wrong, say] = useState("");
  const with_ = (keys: Partial<Field>): void => change({ ...field, ...keys });
  const save = (): void => {
    const title = (field.title || "").trim();
    if (!title && !before) { say(t("Say what the field is called.")); return; }
    if (field.type === "choice" && !(field.choices || []).length) { say(t("Write down what can be chosen.")); return; }
    const example = (field.example || "").trim();
    if (example && !isOne(field, example)) { say(t("The example must be a value that the field takes.")); return; }
    const next = { ...field, title, example, name: before ? name : nameFor(title, saved_.value) };
    if (next.type !== "choice") delete next.choices;
    if (next.required) delete next.default;
    const list = saved_.value.fields || [];
    setLabel(before ? t("Change a field") : t("New field"), { fields: before ? list.map((one) => (one.name === name ? bare(next) : one)) : [...list, bare(next)] });
    done();
  };
  const inUse = before ? users(saved_.value, name).length : 0;
  const drop = (): void => {
    setLabel(t("Delete a field"), { fields: (saved_.value.fields || []).filter((one) => one.name !== name) });
    done();
  };
  return (
    <form class="field-form" aria-label={before ? t("Change a field") : t("New field")} onSubmit={(event) => { event.preventDefault(); save(); }}>
      <Words label={t("What it is called")} value={field.title || ""} set={(title) => { with_({ title }); say(""); }} hint={before ? t("In the content it is {%(name)s}.", { name }) : undefined} />
      <Choice
        label={t("What it holds")} value={field.type || "text"} set={(type) => with_({ type: type as Field["type"] })}
        choices={[["text", t("Text")], ["integer", t("A whole number")], ["decimal", t("A number")], ["date", t("A date")], ["choice", t("One of a list")]]}
      />
      {field.type === "choice" && (
        <Words
          label={t("What can be chosen, one a line")} rows={3} value={(field.choices || []).join("\n")}
          set={(text) => with_({ choices: text.split("\n").map((one) => one.trim()).filter(Boolean) })}
        />
      )}
      <Words
        label={t("Example")} value={field.example || ""} set={(example) => with_({ example })}
        hint={field.type === "date" ? t("Such as 2026-11-22.") : t("Shown while nobody has given a value.")}
      />
      <Tick label={t("Must always be given")} on={Boolean(field.required)} set={(required) => with_({ required: required || undefined })} />
      {wrong && <p class="note refused" role="alert">{wrong}</p>}
      <p class="buttons">
        <button type="submit" class="primary">{before ? t("Save") : t("Add the field")}</button>
        <button type="button" onClick={done}>{t("Cancel")}</button>
        {before && <button type="button" class="drop" disabled={inUse > 0} title={inUse ? t("It is used on the label.") : undefined} onClick={drop}>{t("Delete")}</button>}
      </p>
    </form>
  );
}

// What can be set into a content: what fills this label, dates, counters.
export function insertable(label: Document, insert: (text: string, field?: Field) => void): readonly Part[] {
  const list = offered(label, known.value.get(label.about || "") || []);
  const act = (one: Offered) => ({ title: one.title || one.name, detail: `{${one.name}}`, act: () => insert(`{${one.name}}`, bare(one)) });
  return [
    { title: t("On this label"), acts: list.filter((one) => one.here).map(act) },
    { title: t("From the registry"), acts: list.filter((one) => !one.here).map(act) },
    { title: t("Counters"), acts: (label.counters || []).map((one) => ({ title: one.title || one.name, detail: `{${one.name}}`, act: () => insert(`{${one.name}}`) })) },
    {
      title: t("Date and time of printing"),
      acts: [
        { title: t("Date"), act: () => insert("{today|date:YYYY-MM-DD}") }, { title: t("Time"), act: () => insert("{now|date:HH:mm}") },
        { title: t("Date in 30 days"), act: () => insert("{today+30d|date:YYYY-MM-DD}") }, { title: t("Week"), act: () => insert("{today|date:GGGG-'W'WW}") },
      ],
    },
  ];
}
