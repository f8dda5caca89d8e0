// The bottom: which record is shown, for which printer, and how many problems there are.

import { useState } from "preact/hooks";
import { choices, emptied, end, fieldFor, look, pick, sample, shown, step, typed } from "./records";
import { Dialog, asked, shut } from "./dialogs";
import { Drop } from "./drop";
import { saved_ } from "./label";
import { listed } from "./problems";
import { DENSITIES, drawFor, printer, printers } from "./session";
import { head, problems, size, values } from "./tiles";
import { t, tn } from "./words";
import { Zooming } from "./zooming";

// Values typed by hand, field by field.
export function Values() {
  const fields = saved_.value.fields || [];
  return (
    <Dialog title={t("Values on the screen")}>
      <form onSubmit={(event) => { event.preventDefault(); shut(); }}>
        <p class="hint">{t("To see how the label looks with them. Nothing of it is printed or stored.")}</p>
        {fields.map((one) => (
          <label class="field" key={one.name}><span>{one.title || one.name}</span>
            <input
              value={typed.value[one.name] ?? values.value[one.name] ?? ""} placeholder={one.example}
              onInput={(event) => { typed.value = { ...typed.value, [one.name]: event.currentTarget.value }; }}
            /></label>
        ))}
        {fields.length === 0 && <p>{t("This label has no field that changes from one print to the next.")}</p>}
        <footer><button type="button" onClick={() => { typed.value = {}; }}>{t("Forget them")}</button><button class="primary">{t("Done")}</button></footer>
      </form>
    </Dialog>
  );
}

function Record() {
  const [text, write] = useState("");
  const field = fieldFor(saved_.value), own = field && typed.value[field.name];
  const title = own || (sample.value ? t("Example values") : shown.value ? shown.value.title : "");
  return (
    <form class="record" onSubmit={(event) => { event.preventDefault(); void look(text).then(() => write("")); }}>
      <label><span class="quiet wide">{t("Showing record:")}</span> <strong id="shown">{title}</strong>
        <input id="record" name="record" value={text} autocomplete="off" placeholder={t("scan or type")} aria-label={t("Record to show: scan or type")} onInput={(event) => write(event.currentTarget.value)} /></label>
      {choices.value.length > 0 && <div class="choices" role="group" aria-label={t("Which one?")}>
        {choices.value.map((one) => <button type="button" key={one.number} onClick={() => { pick(one); write(""); }}>{one.title} <small>{one.detail}</small></button>)}
        <button type="button" onClick={() => { choices.value = []; }}>{t("Close")}</button>
      </div>}
      {emptied.value.length > 0 && <span class="unseen">{t("Without: %(fields)s", { fields: emptied.value.join(", ") })}</span>}
    </form>
  );
}

function Head() {
  const now = printer.value, density = size.value.density;
  const choice = head.value.printer || `density:${head.value.density}`;
  return (
    <label class="head"><span class={`dot ${now ? now.paused ? "look" : now.status.condition : ""}`} aria-hidden="true" />
      <select aria-label={t("Drawn for")} value={choice} title={now?.status.sentence} onChange={(event) => drawFor(event.currentTarget.value)}>
        {printers.value.map((one) => <option key={one.name} value={one.name}>{one.name} · {t("%(n)s dots per mm", { n: one.density })}{one.paused ? ` · ${t("paused")}` : ""}</option>)}
        {DENSITIES.map((n) => <option key={n} value={`density:${n}`}>{t("%(n)s dots per mm", { n })}</option>)}
        {!head.value.printer && !DENSITIES.some((n) => n === density) && <option value={choice}>{t("%(n)s dots per mm", { n: density })}</option>}
      </select>
    </label>
  );
}

function Which({ kind }: { kind: string }) {
  return (
    <>
      <button class={kind} onClick={() => void end("first")}>{t("First")}</button>
      <button class={kind} onClick={() => void end("longest")}>{t("Longest")}</button>
      <button class={kind} onClick={() => void end("empty")}>{t("Empty")}</button>
      <button class={kind} onClick={() => { asked.value = Values; }}>{t("Values…")}</button>
    </>
  );
}

export function Strip() {
  const n = problems.value.length;
  return (
    <footer class="strip">
      <Record />
      <div class="together">
        <button onClick={() => void step(-1)} aria-label={t("Previous record")} title={`${t("Previous record")} (PageUp)`}>‹</button>
        <button onClick={() => void step(1)} aria-label={t("Next record")} title={`${t("Next record")} (PageDown)`}>›</button>
        <Which kind="less" />
        <Drop id="which" title="⋯" label={t("Which record")} kind="up more">{() => <Which kind="" />}</Drop>
      </div>
      <span class="gap" />
      <Zooming />
      <Head />
      <button class={`count ${n ? "look" : "done"}`} id="count" aria-expanded={listed.value} aria-controls="problems" onClick={() => { listed.value = !listed.value; }}>
        {n ? tn("%(n)s problem", "%(n)s problems", n) : t("No problems")}
      </button>
    </footer>
  );
}
