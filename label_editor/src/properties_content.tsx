// What an element says: its text with fields in it, its code, its picture.

import { useRef } from "preact/hooks";
import { turned } from "./boxes";
import { called, CHECKED, choice, FIRST, isSample, symbologies, takes, type Symbology } from "./symbologies";
import { lean, shared, valueOf } from "./defaults";
import { meant } from "./element_string";
import { FORMS, formatted, isForm } from "./dates";
import { filter, filtered, parse, references, write, type Filter, type Reference, type Span } from "./expressions";
import { insertable } from "./fields";
import { titled, typeOf, withField } from "./fields_known";
import { about, mend, titleOf } from "./fixes";
import { Gs1 } from "./gs1";
import { icons } from "./icons";
import { Choice, Fold, Whole, Words } from "./inputs";
import { change, document_, edit, readonly, saved_ } from "./label";
import { Menu } from "./menu";
import { PictureContent } from "./pictures";
import { sentence } from "./sentences";
import { inside, set, setLabel } from "./setting";
import { codeSize } from "./starting";
import { drawn, problems, size } from "./tiles";
import type { BarcodeElement, Document, Element, Field, ImageElement, RawElement, TextElement } from "./types";
import { t } from "./words";

type Said = TextElement | BarcodeElement;

// What has a place and a look, and says nothing.
export const isShape = (one: Element): boolean => one.type === "box" || one.type === "line" || one.type === "ellipse";

export function Content({ chosen }: { chosen: readonly Element[] }) {
  const one = chosen[0]!, same = chosen.every((other) => other.type === one.type);
  if (same && one.type === "image") return <PictureContent chosen={chosen as readonly ImageElement[]} />;
  if (chosen.length > 1) {
    return same && one.type === "barcode"
      ? <Kind chosen={chosen as readonly BarcodeElement[]} />
      : <p class="hint">{t("Select one thing to change what it says.")}</p>;
  }
  return (
    <>
      <Wrong one={one} />
      {one.type === "text" && <><Saying one={one} /><Parts one={one} /></>}
      {one.type === "barcode" && <Code one={one} />}
      {one.type === "raw" && <Commands one={one} />}
    </>
  );
}

// What is the matter with it, and what mends that.
function Wrong({ one }: { one: Element }) {
  const found = problems.value.filter((problem) => about(problem).includes(one.id));
  return (
    <>
      {found.map((problem, n) => (
        <div key={n} class="note look">
          <p>{sentence(problem)}</p>
          {!readonly.value && problem.fixes.map((fix, m) => <button key={m} type="button" onClick={() => mend(fix)}>{titleOf(fix, problem.element)}</button>)}
        </div>
      ))}
    </>
  );
}

function Commands({ one }: { one: RawElement }) {
  return (
    <>
      <p class="hint">{t("These commands go to the printer as they are. Only printers that speak %(language)s print them.", { language: one.language.toUpperCase() })}</p>
      <Words label={t("Commands")} rows={6} value={one.commands} set={(commands) => set(t("Commands"), { commands }, "commands")} />
    </>
  );
}

// The content as it is written, with a menu of what can stand in it.
function Saying({ one }: { one: Said }) {
  const place = useRef<HTMLInputElement | HTMLTextAreaElement>(null), says = drawn.value.get(one.id)?.says;
  const put = (content: string, join = "", also: (label: Document) => Document = (label) => label): void =>
    edit(t("Change what it says"), (label) => change(also(label), { [one.id]: { content } }), join && `${one.id}.${join}`);
  const insert = (text: string, field?: Field): void => {
    const input = place.current, from = input?.selectionStart ?? one.content.length, to = input?.selectionEnd ?? from;
    // What was put in to begin with gives way.
    const whole = one.content === t("Text") || isSample(one.content);
    const content = whole ? text : one.content.slice(0, from) + text + one.content.slice(to), caret = whole ? text.length : from + text.length;
    put(content, "", (label) => (field ? withField(label, field) : label));
    requestAnimationFrame(() => { input?.focus(); input?.setSelectionRange(caret, caret); });
  };
  return (
    <>
      <Words label={t("What it says")} place={place} spell rows={one.type === "text" ? 3 : 1} value={one.content} set={(content) => put(content, "content")} />
      <div class="buttons">
        <Menu title={<><icons.field /><span>{t("Insert a field")}</span></>} parts={() => insertable(saved_.value, insert)} />
      </div>
      {says !== undefined && says !== null && says !== one.content && <p class="now">{t("Now it prints:")} <output>{says || t("nothing")}</output></p>}
      {says === null && <p class="now">{t("With this record it is not printed.")}</p>}
    </>
  );
}

// Each field in a content, and what becomes of its value.
export function Parts({ one }: { one: Said }) {
  const pieces = parse(one.content);
  if (!pieces) return null;
  const list = pieces.map((piece, n) => [piece, n] as const).filter((pair): pair is [Reference, number] => typeof pair[0] !== "string");
  const set_ = (n: number, piece: Reference): void =>
    set(t("Form of %(field)s", { field: titled(saved_.value, piece.name) }), { content: write(pieces.map((old, at) => (at === n ? piece : old))) }, "content");
  return (
    <>
      {list.map(([piece, n]) => (
        <Fold key={`${n}${piece.name}`} name={`part.${typeOf(document_.value, piece.name)}.${list.length > 1}`} plain open={list.length === 1 && typeOf(document_.value, piece.name) !== "text"} title={t("Form of %(field)s", { field: titled(document_.value, piece.name) })}>
          <Form piece={piece} set={(next) => set_(n, next)} />
        </Fold>
      ))}
    </>
  );
}

function Form({ piece, set }: { piece: Reference; set: (piece: Reference) => void }) {
  const type = typeOf(document_.value, piece.name);
  return (
    <>
      {type === "date" && <DateForm piece={piece} set={set} />}
      {type === "counter" && <CounterForm name={piece.name} />}
      {type !== "date" && <TextForm piece={piece} set={set} />}
    </>
  );
}

function DateForm({ piece, set }: { piece: Reference; set: (piece: Reference) => void }) {
  const form = filter(piece, "date")?.args[0] || "", today = new Date();
  const forms: [string, string][] = FORMS.map((one) => [one, formatted(today, one)]);
  const own = form && !FORMS.some((one) => one === form);
  const write_ = (one: string): void => set(filtered(piece, ["date"], one ? { name: "date", args: [one] } : null));
  return (
    <>
      <Choice label={t("How the date is written")} value={form} choices={[["", t("As it comes")], ...(own ? [[form, formatted(today, form)] as [string, string]] : []), ...forms]} set={write_} />
      <Whole label={t("Later by")} value={piece.count} least={-9999} most={9999} set={(count) => set({ ...piece, count: count || 0 })} hint={t("Below zero is earlier.")} />
      <Choice
        label={t("Counted in")} value={piece.span} set={(span) => set({ ...piece, span: span as Span })} disabled={!piece.count}
        choices={[["d", t("days")], ["w", t("weeks")], ["m", t("months")], ["y", t("years")]]}
      />
      <Words
        label={t("Form of your own")} value={form} set={write_}
        hint={!isForm(form) ? t("Only YYYY, YY, MM, M, DD, D, DDD, GGGG, WW, E, HH, mm, ss, signs, and text in 'quotes'.") : t("Y year, M month, D day, W week, H hour, m minute; other letters in 'quotes'.")}
      />
    </>
  );
}

function CounterForm({ name }: { name: string }) {
  const list = document_.value.counters || [], one = list.find((other) => other.name === name);
  if (!one) return null;
  const put = (keys: Record<string, unknown>, join = ""): void => {
    const next: any = { ...one, ...keys };
    for (const [key, plain] of [["start", 1], ["step", 1], ["width", 1], ["title", ""]] as const) if (next[key] === plain || next[key] === undefined) delete next[key];
    setLabel(t("Counter"), { counters: list.map((other) => (other.name === name ? next : other)) }, join && `${name}.${join}`);
  };
  return (
    <>
      <Words label={t("Name of the counter")} value={one.title || ""} set={(title) => put({ title }, "title")} />
      <Whole label={t("Begins with")} value={one.start ?? 1} least={0} most={1e15} set={(start, join) => put({ start }, join)} hint={t("Once it has counted, it goes on from there.")} />
      <Whole label={t("From label to label")} value={one.step ?? 1} least={-1_000_000} set={(step, join) => put({ step }, join)} />
      <Whole label={t("Digits at least")} value={one.width ?? 1} least={1} most={18} set={(width, join) => put({ width }, join)} />
    </>
  );
}

// A part of it, its letters, its width, and what stands there when it is empty.
function TextForm({ piece, set }: { piece: Reference; set: (piece: Reference) => void }) {
  const cut = filter(piece, "left", "right", "mid"), letters = filter(piece, "upper", "lower"), pad = filter(piece, "pad", "pad_right"), other = filter(piece, "default");
  const put = (names: readonly string[], step: Filter | null): void => set(filtered(piece, names, step));
  const CUT = ["left", "right", "mid"], PAD = ["pad", "pad_right"];
  const number = (text: string | undefined, standard: number): number => Number(text ?? standard) || 0;
  return (
    <>
      <Choice label={t("Letters")} value={letters?.name || ""} choices={[["", t("As they are")], ["upper", t("CAPITALS")], ["lower", t("small")]]} set={(name) => put(["upper", "lower"], name ? { name, args: [] } : null)} />
      <Choice
        label={t("Which part")} value={cut?.name || ""} choices={[["", t("All of it")], ["left", t("The first characters")], ["right", t("The last characters")], ["mid", t("From a place on")]]}
        set={(name) => put(CUT, name ? { name, args: name === "mid" ? ["1", "4"] : ["4"] } : null)}
      />
      {cut && cut.name === "mid" && <Whole label={t("From character")} value={number(cut.args[0], 1)} least={1} most={200} set={(n) => put(CUT, { name: "mid", args: [String(n), cut.args[1] || "4"] })} />}
      {cut && <Whole label={t("How many characters")} value={number(cut.args[cut.args.length - 1], 4)} least={1} most={200} set={(n) => put(CUT, { name: cut.name, args: [...cut.args.slice(0, -1), String(n)] })} />}
      <Choice
        label={t("Fill up")} value={pad?.name || ""} choices={[["", t("No")], ["pad", t("In front")], ["pad_right", t("Behind")]]}
        set={(name) => put(PAD, name ? { name, args: pad?.args || ["8", "0"] } : null)}
      />
      {pad && <Whole label={t("To how many characters")} value={number(pad.args[0], 8)} least={1} most={200} set={(n) => put(PAD, { name: pad.name, args: [String(n), ...pad.args.slice(1)] })} />}
      {pad && <Words label={t("With the character")} value={pad.args[1] ?? " "} set={(text) => { const last = [...text].pop(); if (last && last !== "'") put(PAD, { name: pad.name, args: [pad.args[0] || "8", last] }); }} />}
      <Words label={t("When it is empty, print")} value={other?.args[0] || ""} set={(text) => put(["default"], text ? { name: "default", args: [text] } : null)} />
    </>
  );
}

// ---------------------------------------------------------------- codes

// Another kind of code: options it does not have go, and a sample gives way to its own.
export function recoded(one: BarcodeElement, to: Symbology, label: Document, density: number | string): Record<string, unknown> {
  const keys: Record<string, unknown> = { symbology: to.name };
  for (const key of ["error_correction", "square", "columns", "rows", "row_height", "security_level", "error_percent", "segments"]) {
    if (key in one && !to.options.includes(key)) keys[key] = undefined;
  }
  const before = called(one.symbology), lone = isSample(one.content);
  if (lone || (to.gs1 && !before?.gs1 && !references(one.content).length)) keys["content"] = to.sample;
  if (lone || before?.kind !== to.kind) {
    const { module: _, ...box } = codeSize(to, label.size, density);
    const lies = valueOf(one, "rotation") % 180 !== 0;
    Object.assign(keys, inside({ x: one.x, y: one.y, ...(lies ? { width: box.height, height: box.width } : box) }, label.size), { module: undefined });
    if (to.kind === "matrix" && one.text && one.text !== "none") keys["text"] = undefined;
    if (to.kind === "linear" && !one.text) keys["text"] = "below";
  }
  return keys;
}

function Kind({ chosen }: { chosen: readonly BarcodeElement[] }) {
  const all = symbologies.value, first = FIRST.flatMap((name) => all.filter((one) => one.name === name));
  const rest = all.filter((one) => !first.includes(one)), name = shared(chosen, "symbology");
  const one = called(name);
  return (
    <Choice
      label={t("Kind of code")} value={name} hint={one && takes(one)}
      choices={first.map((other): [string, string] => [other.name, choice(other)])}
      more={{ title: t("More"), choices: rest.map((other): [string, string] => [other.name, other.title]) }}
      set={(value) => {
        const to = called(value);
        if (to) set(t("Kind of code"), (element) => recoded(element as BarcodeElement, to, saved_.value, size.value.density));
      }}
    />
  );
}

function Code({ one }: { one: BarcodeElement }) {
  const kind = called(one.symbology), length = CHECKED[one.symbology];
  const wish = length && !/[{}]/.test(one.content) ? meant(one.content, length) : "";
  return (
    <>
      <Kind chosen={[one]} />
      {kind?.gs1 ? <Gs1 one={one} /> : <><Saying one={one} /><Parts one={one} /></>}
      {wish && <p class="buttons"><button type="button" onClick={() => set(t("Change what it says"), { content: wish })}>{t("Did you mean %(value)s?", { value: wish })}</button></p>}
    </>
  );
}

// Exported for the fold of places: a quarter turn of the place goes with a quarter turn of what is in it.
export function turnedTo(one: Element, rotation: number, label: Document): Record<string, unknown> {
  const before: number = valueOf(one, "rotation"), across = (before - rotation) % 180 !== 0;
  return lean(one, { rotation, ...(across ? turned(one, label.size) : {}) });
}
