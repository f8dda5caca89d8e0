// The proof before a print: the very bitmap of the job, then the job, then what became of it.

import { useEffect, useRef, useState } from "preact/hooks";
import { Away, Refused, ask } from "./api";
import { asked, Dialog, shut } from "./dialogs";
import { heard } from "./feed";
import { changed, published } from "./keeping";
import { saved_ } from "./label";
import { fieldsOf } from "./picture";
import { base64, preview } from "./preview";
import { aboutOf, emptied, sample, shown, typed } from "./records";
import { announce } from "./said";
import { about, printers } from "./session";
import type { Printer } from "./session";
import { head, record } from "./tiles";
import type { Document } from "./types";
import { once, useTrying } from "./trying";
import { say } from "./units";
import { t, tn } from "./words";
import { Publish, printPage } from "./versions";

interface Job { id: string; state: string; printer: string; labels: number; problem: string | null }
interface Proof { pictures: { number: number; png: string }[]; proof?: { sha256: string; at: string } }

// What is printed: `test` is what the screen shows, finished or not; the other is what is published.
export type What = "test" | "label";

// A job's body. A test goes as a picture, dot for dot, so that a draft prints, no counter moves and
// no serial number counts as labelled.
async function jobOf(what: What, printer: string, copies: number): Promise<Record<string, unknown>> {
  const document = saved_.value, title = (document.title || document.name).slice(0, 150);
  if (what === "label") {
    const whole = published.value!;
    return { printer, template: whole.name, version: whole.number, labels: [rowOf(whole.document)], copies, title };
  }
  const drawn = await preview({ document, fields: fieldsOf(document), printer });
  return { printer, copies, title: t("Test print: %(title)s", { title }), document: { content: await base64(drawn), type: "image/png", fit: "none" } };
}

// What a label is printed with: the record and what was typed; examples only while there is neither.
const examples = (): boolean => sample.value && Object.keys(typed.value).length === 0;

function rowOf(document: Document): Record<string, string> {
  if (examples()) return fieldsOf(document);
  const names = new Set((document.fields || []).map((one) => one.name));
  return Object.fromEntries(Object.entries(record.value).filter(([name, value]) => names.has(name) && value !== ""));
}

// Where a job goes: the label of a serial that is in the registry is printed as that serial's.
function toSend(what: What, body: Record<string, unknown>, proof: Proof): [string, Record<string, unknown>] {
  const sealed = proof.proof ? { ...body, proof: proof.proof } : body, one = shown.value;
  const real = what === "label" && one && !sample.value && !emptied.value.length && !Object.keys(typed.value).length;
  if (!real || aboutOf(published.value!.document) !== "serial") return ["/v1/jobs", sealed];
  const { labels: _, ...rest } = sealed;
  return ["/v1/serials/print", { ...rest, version: String(rest.version), serials: [one.fields.serial], item: one.fields.item }];
}

export function became(job: Job): { words: string; tone: string } {
  const facts = { printer: job.printer, n: job.labels };
  switch (job.state) {
    case "done": return { words: tn("Printed on %(printer)s.", "%(n)s labels printed on %(printer)s.", job.labels, facts), tone: "done" };
    case "failed": return { words: job.problem || t("It was not printed."), tone: "refused" };
    case "cancelled": return { words: t("It was cancelled."), tone: "refused" };
    case "needs_attention": return { words: t("Look at %(printer)s: it cannot say whether the label came out.", facts), tone: "look" };
    case "held": return { words: job.problem || t("It is held."), tone: "look" };
    case "printing": return { words: t("%(printer)s is printing.", facts), tone: "" };
    default: return { words: t("It waits for %(printer)s.", facts), tone: "" };
  }
}

// A job, followed until nothing more happens by itself.
function Became({ id }: { id: string }) {
  const [job, show] = useState<Job | null>(null);
  useEffect(() => {
    let here = true;
    const look = async (): Promise<void> => {
      try {
        const { body } = await ask<Job>("GET", `/v1/jobs/${id}`);
        if (!here) return;
        show(body);
        announce(became(body).words);
      } catch (error) {
        if (!(error instanceof Away) && !(error instanceof Refused)) throw error;
      }
    };
    const enough = heard("job", (_, subject) => { if (!subject || subject === `jobs/${id}`) void look(); });
    void look();
    return () => { here = false; enough(); };
  }, [id]);
  if (!job) return <p class="note">{t("Sent.")}</p>;
  const { words, tone } = became(job), status = printers.value.find((one) => one.name === job.printer)?.status;
  return (
    <p class={`note ${tone}`} id="became">
      {words} {tone === "" && status && status.condition !== "ready" ? `${status.sentence} ` : ""}<a href={`/jobs/${id}`}>{t("Details")}</a>
    </p>
  );
}

function fits(one: Printer): boolean {
  const { width, height } = saved_.value.size;
  return one.media.width >= width - 500 && one.media.height >= height - 500;
}

export function Print({ what }: { what: What }) {
  const first = head.value.printer || printers.value.find(fits)?.name || printers.value[0]?.name || "";
  const [printer, choose] = useState(first), [copies, count] = useState(1);
  const [proof, show] = useState<Proof | null>(null), [why, refuse] = useState("");
  const [key, rekey] = useState(once), [job, sent] = useState(""), { busy, refused, attempt } = useTrying();
  const go = useRef<HTMLButtonElement>(null);
  const document = saved_.value, draft = what === "label" && changed.value, none = what === "label" && !published.value;

  useEffect(() => {
    if (!printer || none) return;
    let here = true;
    show(null);
    refuse("");
    jobOf(what, printer, 1).then((body) => ask<Proof>("POST", "/v1/jobs?dry_run=1", body)).then(
      ({ body }) => { if (here) show(body); },
      (error: Error) => { if (here) refuse(error.message || t("Not connected. Try again when the gateway answers.")); },
    );
    return () => { here = false; };
  }, [printer, what, document]);

  // As soon as the proof is there, Enter prints.
  useEffect(() => { if (proof) go.current?.focus(); }, [!proof]);

  const send = (event: Event): void => {
    event.preventDefault();
    void attempt(async () => {
      // Only the dots that were shown: whatever is different by now is refused.
      const [path, order] = toSend(what, await jobOf(what, printer, copies), proof!);
      const { body } = await ask<{ id: string }>("POST", path, order, { "idempotency-key": key });
      rekey(once());
      sent(body.id);
    });
  };
  const size = what === "label" && published.value ? published.value.document.size : document.size;
  return (
    <Dialog title={what === "test" ? t("Test print") : t("Print")} wide>
      <form onSubmit={send} class="printing">
        {none && <p class="note look">{t("This label is not published yet. A test print shows it as it is.")} <button type="button" onClick={() => { asked.value = Publish; }}>{t("Publish")}</button></p>}
        {draft && !none && <p class="note look">{t("This prints version %(n)s, without your changes.", { n: published.value!.number })} <button type="button" onClick={() => { asked.value = Publish; }}>{t("Publish")}</button></p>}
        {what === "test" && <p class="hint">{t("Exactly what the screen shows. A test counts for nothing: no counter moves.")}</p>}
        <div class="paper-frame">
          {proof?.pictures[0] && <img id="proof" src={`data:image/png;base64,${proof.pictures[0].png}`} alt={t("The job, dot for dot")} style={{ width: `${size.width / 1000}mm` }} />}
          {!proof && !why && !none && printer && <p class="quiet">{t("Drawing…")}</p>}
          {why && <p class="refusal" role="alert">{why}</p>}
          {!printer && <p class="note look">{t("No printer found.")} <a class="button" href="/printers/add">{t("Find printers")}</a></p>}
        </div>
        {what === "label" && !none && examples() && (document.fields || []).length > 0 && <p class="hint">{t("These are example values. Scan or type a record first to print a real one.")}</p>}
        {shown.value && !sample.value && what === "label" && <p class="quiet">{shown.value.title}</p>}
        <div class="row">
          <label class="field"><span>{t("Printer")}</span>
            <select value={printer} onChange={(event) => choose(event.currentTarget.value)}>
              {printers.value.map((one) => (
                <option key={one.name} value={one.name}>{one.name} · {say(one.media.width, "mm")} × {say(one.media.height, "mm")} mm{one.paused ? ` · ${t("paused")}` : one.status.condition !== "ready" ? ` · ${one.status.sentence}` : ""}</option>
              ))}
            </select></label>
          <label class="field small"><span>{t("How many")}</span>
            <input type="number" min={1} max={1000} required value={copies} onInput={(event) => count(Math.max(1, Number(event.currentTarget.value) || 1))} /></label>
          <button ref={go} class="primary big" disabled={busy || !proof || !about.value.may.print}>{t("Print")}</button>
        </div>
        {!about.value.may.print && <p class="note look">{t("You may not print here. Ask for a key that may.")}</p>}
        {refused && <p class="refusal" role="alert">{refused}</p>}
        {job && <Became id={job} key={job} />}
        <footer><a href={printPage()}>{t("Print many, from records or a table")}</a><button type="button" onClick={shut}>{t("Close")}</button></footer>
      </form>
    </Dialog>
  );
}

export const PrintTest = () => <Print what="test" />;
export const PrintLabel = () => <Print what="label" />;
