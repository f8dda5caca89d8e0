// What would not print well: a sentence each, and a button that mends it.

import { signal } from "@preact/signals";
import { about, called, mend, titleOf } from "./fixes";
import { Checking } from "./checking";
import { readonly, select } from "./label";
import { sentence } from "./sentences";
import { problems } from "./tiles";
import type { Problem } from "./types";
import { t, tn } from "./words";

export const listed = signal(false); // all of them, not the first only

function Row({ one }: { one: Problem }) {
  const elements = about(one);
  return (
    <li>
      {elements.length > 0
        ? <button class="which" onClick={() => select(...elements)} title={t("Show it on the label")}>{elements.map(called).join(", ")}</button>
        : <span class="which">{t("The label")}</span>}
      <span class="why">{sentence(one)}</span>
      {!readonly.value && one.fixes.map((fix, n) => (
        <button key={n} class={n === 0 ? "primary" : ""} onClick={() => mend(fix)}>{titleOf(fix, one.element)}</button>
      ))}
    </li>
  );
}

export function Problems() {
  const all = problems.value, open = listed.value;
  if (all.length === 0 && !open) return null;
  const shown = open ? all : all.slice(0, 1), more = all.length - shown.length;
  return (
    <section class={`problems${open ? " open" : ""}`} id="problems" aria-label={t("Problems")}>
      {all.length === 0
        ? <p class="none">{t("No problems with the record that is shown.")}</p>
        : <ul>{shown.map((one, n) => <Row key={`${one.element}${one.code}${n}`} one={one} />)}</ul>}
      {more > 0 && <button class="more" onClick={() => { listed.value = true; }}>{tn("%(n)s more", "%(n)s more", more)}</button>}
      {open && <Checking />}
      {open && <button class="shut" onClick={() => { listed.value = false; }}>{t("Close")}</button>}
    </section>
  );
}
