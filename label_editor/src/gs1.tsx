// A GS1 code, row by row: what it is, and its value or the field that brings it.

import { signal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import { ask } from "./api";
import { meant, parse, write, type Row } from "./element_string";
import { parse as pieces } from "./expressions";
import { insertable } from "./fields";
import { withField } from "./fields_known";
import { icons } from "./icons";
import { Words } from "./inputs";
import { change, edit, saved_ } from "./label";
import { Menu } from "./menu";
import type { BarcodeElement, Document, Field } from "./types";
import { t } from "./words";

interface Form { digits: boolean; shortest: number; longest: number; checked: boolean; date: boolean }
interface Identifier { ai: string; title: string; parts: readonly Form[]; sample: string }

const identifiers = signal<ReadonlyMap<string, Identifier>>(new Map());

async function fetchIdentifiers(): Promise<void> {
  if (identifiers.value.size) return;
  const { body } = await ask<{ items: Identifier[] }>("GET", "/v1/gs1/identifiers");
  identifiers.value = new Map(body.items.map((one) => [one.ai, one]));
}

// What people call those that most labels have.
function common(ai: string): string {
  switch (ai) {
    case "00": return t("Number of the pallet or carton (SSCC)");
    case "01": return t("Item (GTIN)");
    case "02": return t("Item inside (GTIN)");
    case "10": return t("Lot");
    case "11": return t("Made on");
    case "13": return t("Packed on");
    case "15": return t("Best before");
    case "17": return t("Use by");
    case "21": return t("Serial number");
    case "30": return t("How many");
    case "37": return t("How many inside");
    case "240": return t("Another item number");
    case "3103": return t("Weight in grams");
    case "400": return t("Customer's order number");
    case "410": return t("Ship to (GLN)");
    case "414": return t("Location (GLN)");
    case "91": return t("Our own data");
    default: return "";
  }
}

const FIRST = ["01", "21", "10", "17", "15", "11", "37", "00", "02", "30", "240", "3103", "400", "410", "414", "91"];

export function named(ai: string): string {
  return common(ai) || identifiers.value.get(ai)?.title || "";
}

// What its value must be, in words.
function expected(one: Identifier): string {
  return one.parts.map((part) => {
    if (part.date) return t("a date as YYMMDD");
    const facts = { n: part.longest, least: part.shortest };
    if (part.shortest === part.longest) return part.digits ? t("%(n)s digits", facts) : t("%(n)s characters", facts);
    return part.digits ? t("up to %(n)s digits", facts) : t("up to %(n)s characters", facts);
  }).join(" + ");
}

// What was probably meant by a value that ends in a check digit.
function suggestion(one: Identifier | undefined, value: string): string {
  const only = one?.parts[0];
  return only?.checked && one!.parts.length === 1 ? meant(value, only.longest) : "";
}

export function Gs1({ one }: { one: BarcodeElement }) {
  useEffect(() => { void fetchIdentifiers().catch(() => undefined); }, []);
  const rows = parse(one.content);
  const put = (content: string, join = "", also: (label: Document) => Document = (label) => label): void =>
    edit(t("Content of the code"), (label) => change(also(label), { [one.id]: { content } }), join && `${one.id}.${join}`);
  const whole = (text: string, field?: Field): void => put(text, "", (label) => (field ? withField(label, field) : label));
  const gs1Fields = insertable(saved_.value, whole).slice(0, 2);
  if (!rows) {
    return (
      <>
        <p class="hint">{t("One field brings all of the code: %(content)s", { content: one.content })}</p>
        <Words label={t("Content")} value={one.content} set={(text) => put(text, "content")} />
        <p class="buttons"><button type="button" onClick={() => put("(01)(21)")}>{t("Put it together here")}</button></p>
      </>
    );
  }
  const set = (n: number, row: Partial<Row>, join = ""): void => put(write(rows.map((old, at) => (at === n ? { ...old, ...row } : old))), join);
  return (
    <>
      <ul class="gs1">
        {rows.map((row, n) => (
          <GsRow
            key={n} row={row} set={(keys, join) => set(n, keys, join ? `${join}.${n}` : "")}
            drop={() => put(write(rows.filter((_, at) => at !== n)))}
            fill={(text, field) => put(write(rows.map((old, at) => (at === n ? { ...old, value: filled(row.ai, text, field) } : old))), "", (label) => (field ? withField(label, field) : label))}
          />
        ))}
      </ul>
      <p class="buttons">
        <Menu title={<><icons.plus /><span>{t("Add a part")}</span></>} parts={() => [{
          title: t("Mostly used"),
          acts: FIRST.filter((ai) => identifiers.value.has(ai) && !rows.some((row) => row.ai === ai)).map((ai) => ({
            title: named(ai), detail: `(${ai})`, act: () => put(write([...rows, { ai, value: identifiers.value.get(ai)!.sample }])),
          })),
        }, { title: t("More"), acts: [{ title: t("Another identifier"), act: () => put(write([...rows, { ai: "", value: "" }])) }] }]} />
        <Menu title={t("Fill all of it from a field")} parts={() => gs1Fields} />
      </p>
    </>
  );
}

// A date field is written as GS1 wants it.
function filled(ai: string, text: string, field?: Field): string {
  const date = identifiers.value.get(ai)?.parts[0]?.date;
  if (!date) return text;
  if (field?.type === "date") return `{${field.name}|date:YYMMDD}`;
  return text.replace(/\|date:[^}]*/, "|date:YYMMDD");
}

function GsRow({ row, set, drop, fill }: {
  row: Row; set: (keys: Partial<Row>, join?: string) => void; drop: () => void; fill: (text: string, field?: Field) => void;
}) {
  const list = useId(), found = identifiers.value.get(row.ai), name = named(row.ai);
  const title = name || t("Identifier %(ai)s", { ai: row.ai });
  const constant = (pieces(row.value) || []).every((one) => typeof one === "string"), wish = constant ? suggestion(found, row.value) : "";
  return (
    <li class="card">
      <div class="gs1-head">
        <label class="ai">
          <span class="unseen">{t("Identifier")}</span>
          <input value={row.ai} list={list} inputMode="numeric" maxLength={4} size={4} aria-invalid={!found && identifiers.value.size > 0} onChange={(event) => set({ ai: event.currentTarget.value.replace(/\D/g, "") })} />
        </label>
        <datalist id={list}>{[...identifiers.value.values()].map((one) => <option key={one.ai} value={one.ai}>{named(one.ai)}</option>)}</datalist>
        <b>{name || t("Which identifier?")}</b>
        <button type="button" class="small" aria-label={t("Take out %(what)s", { what: title })} title={t("Take out")} onClick={drop}><icons.gone /></button>
      </div>
      <Words label={title} value={row.value} hint={found ? expected(found) : t("An identifier has two to four digits.")} set={(value) => set({ value }, "value")} />
      {wish && <p class="buttons"><button type="button" onClick={() => set({ value: wish })}>{t("Did you mean %(value)s?", { value: wish })}</button></p>}
      <Menu title={t("Fill from a field")} label={t("Fill %(what)s from a field", { what: title })} parts={() => insertable(saved_.value, fill)} />
    </li>
  );
}
