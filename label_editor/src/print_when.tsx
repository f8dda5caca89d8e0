// "Print only when …" as a sentence that is put together: field, is or is not, value.

import { parse, write, type Test, type Tests, type Verb } from "./condition";
import { shared } from "./defaults";
import { offered, withField, known, bare } from "./fields_known";
import { icons } from "./icons";
import { Choice, Fold, Words, type Choices } from "./inputs";
import { change, edit, saved_, selection } from "./label";
import type { Document, Element } from "./types";
import { t } from "./words";

const VERBS = (): Choices => [
  ["is", t("is")], ["is not", t("is not")], ["empty", t("is empty")], ["not empty", t("is not empty")],
  ["contains", t("contains")], ["not contains", t("does not contain")],
];

export function PrintWhen({ chosen }: { chosen: readonly Element[] }) {
  const source: string | undefined = shared(chosen, "print_when");
  const put = (text: string, join = "", also: (label: Document) => Document = (label) => label): void => {
    const ids = selection.value;
    edit(t("Print only when"), (label) => change(also(label), Object.fromEntries(ids.map((id) => [id, { print_when: text || undefined }]))), join && `${ids.join()}.${join}`);
  };
  if (source === undefined) return <p class="hint">{t("What is selected is printed on different conditions.")}</p>;
  const tests = parse(source);
  return (
    <fieldset class="when">
      <legend>{t("Print only when")}</legend>
      {tests ? <Built tests={tests} put={put} /> : <p class="hint">{t("This condition is longer than what can be put together here. Change it below.")}</p>}
      <Fold name="when-raw" title={t("As it is written")} plain>
        <Words label={t("Condition to print")} rows={2} value={source} set={(text) => put(text, "when")} hint={t("Such as %(example)s", { example: "item == 'X-1' and name not empty" })} />
      </Fold>
    </fieldset>
  );
}

function Built({ tests: { joint, tests }, put }: { tests: Tests; put: (text: string, join?: string, also?: (label: Document) => Document) => void }) {
  const label = saved_.value, list = offered(label, known.value.get(label.about || "") || []);
  const names: [string, string][] = [
    ...list.map((one): [string, string] => [one.name, one.title || one.name]),
    ...(label.counters || []).map((one): [string, string] => [one.name, one.title || one.name]),
  ];
  for (const one of tests) if (!names.some(([name]) => name === one.name)) names.push([one.name, one.name]);
  // A field that the label does not have yet comes with the test.
  const bring = (name: string) => (document: Document): Document => {
    const field = list.find((one) => one.name === name);
    return field && !field.here ? withField(document, bare(field)) : document;
  };
  const set = (n: number, keys: Partial<Test>, join = ""): void =>
    put(write({ joint, tests: tests.map((one, at) => (at === n ? { ...one, ...keys } : one)) }), join, keys.name ? bring(keys.name) : undefined);
  const add = (): void => {
    const first = names[0];
    if (first) put(write({ joint, tests: [...tests, { name: first[0], verb: "not empty", value: "" }] }), "", bring(first[0]));
  };
  return (
    <>
      {tests.length === 0 && <p class="hint">{t("It is always printed.")}</p>}
      {tests.length > 1 && (
        <Choice label={t("Print it when")} value={joint} choices={[["and", t("all of these are true")], ["or", t("one of these is true")]]} set={(one) => put(write({ joint: one as "and" | "or", tests }))} />
      )}
      <ol class="tests">
        {tests.map((one, n) => (
          <li key={n} class="card">
            <Choice label={t("Field")} value={one.name} choices={names} set={(name) => set(n, { name })} />
            <Choice label={t("Test")} value={one.verb} choices={VERBS()} set={(verb) => set(n, { verb: verb as Verb })} />
            {!one.verb.endsWith("empty") && <Words label={t("Value")} value={one.value} set={(value) => set(n, { value }, `value.${n}`)} />}
            <button type="button" class="small" aria-label={t("Take out")} title={t("Take out")} onClick={() => put(write({ joint, tests: tests.filter((_, at) => at !== n) }))}><icons.gone /></button>
          </li>
        ))}
      </ol>
      {names.length > 0
        ? <button type="button" class="wide" onClick={add}><icons.plus /><span>{tests.length ? t("And another") : t("Add a condition")}</span></button>
        : <p class="hint">{t("Conditions ask for data fields, and this label has none yet.")}</p>}
    </>
  );
}
