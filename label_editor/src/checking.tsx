// The label tried with every record there is, not only with the one on the screen.

import { signal } from "@preact/signals";
import { Away, Refused, ask } from "./api";
import { called, mend, titleOf } from "./fixes";
import { find, readonly, saved_, select } from "./label";
import { aboutOf, look } from "./records";
import { head } from "./tiles";
import type { Document, Fix } from "./types";
import { announce } from "./said";
import { t, tn } from "./words";

interface Offender { row: number; title: string; value: string; sentence: string }
interface Finding {
  element: string | null; title: string | null; code: string; count: number; of: number; always: boolean;
  sentence: string; longest: Offender | null; offenders: Offender[]; fixes: Fix[];
}
interface Check {
  id: string; records: number; refused: number; findings: Finding[]; seconds: number;
  work: { state: string; done: number; of: number; sentence: string } | null;
}

const LOOKS = 400; // ms between two looks at how far it is

const check = signal<Check | null>(null);
const of = signal<Document | null>(null); // what was checked
const refused = signal("");

const runs = (one: Check | null): boolean => !!one?.work && (one.work.state === "waiting" || one.work.state === "running");

async function start(): Promise<void> {
  refused.value = "";
  of.value = saved_.value;
  try {
    const { body } = await ask<Check>("POST", "/v1/editor/checks", {
      document: saved_.value, ...head.value, source: { about: aboutOf(saved_.value), filter: {} },
    });
    check.value = body;
    while (runs(check.value) && check.value!.id === body.id) {
      await new Promise((go) => setTimeout(go, LOOKS));
      check.value = (await ask<Check>("GET", `/v1/editor/checks/${body.id}`)).body;
    }
    announce(said(check.value!));
  } catch (error) {
    if (error instanceof Refused) refused.value = error.message;
    else if (error instanceof Away) refused.value = t("Not connected. Try again when the gateway answers.");
    else throw error;
  }
}

async function stop(): Promise<void> {
  try { await ask("POST", `/v1/works/${check.value!.id}/stop`); } catch (error) {
    if (!(error instanceof Refused) && !(error instanceof Away)) throw error; // it has ended by itself
  }
}

function said(one: Check): string {
  if (one.records === 0) return t("There is no record to look at.");
  if (one.refused === 0) return tn("The label fits the only record.", "The label fits all %(n)s records.", one.records);
  return t("It would not print for %(n)s of %(of)s records.", { n: one.refused, of: one.records });
}

function Row({ one }: { one: Finding }) {
  const here = one.element && find(one.element) ? one.element : "";
  return (
    <li>
      {here ? <button class="which" onClick={() => select(here)}>{called(here)}</button> : <span class="which">{one.title || t("The label")}</span>}
      <span class="why"><strong>{one.always ? t("Never prints:") : t("For %(n)s of %(of)s records:", { n: one.count, of: one.of })}</strong> {one.sentence}</span>
      {one.longest && one.longest.title && <button onClick={() => void look(one.longest!.title)}>{one.code === "text-does-not-fit" ? t("Show longest") : t("Show it")}</button>}
      {!readonly.value && here && one.fixes.map((fix, n) => <button key={n} onClick={() => mend(fix)}>{titleOf(fix, one.element)}</button>)}
    </li>
  );
}

export function Checking() {
  const one = check.value, running = runs(one), noun = aboutOf(saved_.value);
  if (!noun) return null;
  const old = one && !running && of.value !== saved_.value;
  return (
    <div class="checking">
      <p>
        {running
          ? <><progress aria-label={t("Records looked at")} max={one!.work!.of || undefined} value={one!.work!.of ? one!.work!.done : undefined} /> <button onClick={() => void stop()}>{t("Stop")}</button></>
          : <button onClick={() => void start()}>{t("Check all records")}</button>}
        {one && !running && <span class="why">{said(one)}{old ? ` ${t("The label has changed since.")}` : ""}</span>}
        {refused.value && <span class="refusal" role="alert">{refused.value}</span>}
      </p>
      {one && one.findings.length > 0 && <ul>{one.findings.map((found, n) => <Row key={n} one={found} />)}</ul>}
    </div>
  );
}
