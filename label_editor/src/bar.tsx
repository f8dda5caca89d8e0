// The top: which label this is, back and forth, and what is done with it.

import { useEffect, useRef, useState } from "preact/hooks";
import { asked, Dialog, shut } from "./dialogs";
import { Drop } from "./drop";
import { Export } from "./exporting";
import { Import } from "./importing";
import { changed, lost, nowhere, published, refusal, state, theirs, waits } from "./keeping";
import { at, edit, go, readonly, redo, saved_, steps, undo } from "./label";
import { Picture } from "./picture";
import { PrintLabel, PrintTest } from "./printing";
import { tried } from "./records";
import { told } from "./said";
import { about } from "./session";
import { away } from "./tiles";
import { badge, Conflict, Delete, Discard, Publish, SaveAs, versionsPage, whereKept } from "./versions";
import { t } from "./words";

// Every step of the history: any of them is one touch away.
function Steps() {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => { list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" }); }, []);
  return (
    <ol ref={list} class="steps-list">
      {steps.value.map((step, n) => (
        <li key={n}><button class={n > at.value ? "undone" : ""} aria-current={n === at.value ? "step" : undefined} onClick={() => go(n)}>{step.title}</button></li>
      ))}
    </ol>
  );
}

function Name() {
  const label = saved_.value, [editing, begin] = useState(false), called = label.title || label.name;
  const done = (text: string): void => {
    begin(false);
    const title = text.trim();
    if (title) edit(t("Rename"), (document) => ((document.title || document.name) === title ? document : { ...document, title }));
  };
  if (!editing) {
    return <h1>{readonly.value ? called : <button class="name" title={t("Rename")} onClick={() => begin(true)}>{called}</button>}</h1>;
  }
  return (
    <h1><input
      aria-label={t("What people call this label")} value={called} maxLength={100} autofocus
      ref={(one) => one?.focus()} onBlur={(event) => done(event.currentTarget.value)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") done(event.currentTarget.value);
        if (event.key === "Escape") begin(false);
      }}
    /></h1>
  );
}

export function Preview() {
  return (
    <Dialog title={t("What prints, dot for dot")} wide onShut={shut}>
      <Picture document={saved_.value} title={t("The label as it will print")} />
      <footer><button autofocus onClick={shut}>{t("Close")}</button></footer>
    </Dialog>
  );
}

export function Bar() {
  const back = at.value > 0 ? steps.value[at.value] : undefined, forth = steps.value[at.value + 1];
  const { words, tone } = badge(), where = whereKept(), may = !readonly.value;
  return (
    <header class="bar">
      <a class="button" href="/templates" aria-label={t("Labels")}><span class="wide">{t("Labels")}</span><span class="narrow">‹</span></a>
      <Name />
      <span class={`badge ${tone}`} id="standing">{words}</span>
      <span class="kept" id="kept" data-state={state.value} title={refusal.value}>{where}</span>
      <span class="gap" />
      {may && <div class="together">
        <button disabled={!back} onClick={undo} aria-label={t("Undo")} title={back && t("Undo: %(step)s", { step: back.title })}><span class="wide">{t("Undo")}</span><span class="narrow">↶</span></button>
        <button disabled={!forth} onClick={redo} aria-label={t("Redo")} title={forth && t("Redo: %(step)s", { step: forth.title })}><span class="wide">{t("Redo")}</span><span class="narrow">↷</span></button>
        <Drop id="steps" title="▾" label={t("All steps")} disabled={steps.value.length < 2}>{() => <Steps />}</Drop>
      </div>}
      <button class="less" onClick={() => { asked.value = Preview; }}>{t("Preview")}</button>
      <button class="less" onClick={() => { asked.value = PrintTest; }}>{t("Test print")}</button>
      <button onClick={() => { asked.value = PrintLabel; }}>{t("Print")}</button>
      {may && <button class="primary" disabled={!changed.value} onClick={() => { asked.value = Publish; }}>{t("Publish")}</button>}
      <Drop id="more" title="⋯" label={t("More")}>{() => <>
        <button class="more" onClick={() => { asked.value = Preview; }}>{t("Preview")}</button>
        <button class="more" onClick={() => { asked.value = PrintTest; }}>{t("Test print")}</button>
        <a class="button" href={versionsPage()}>{t("Versions")}</a>
        {may && <button onClick={() => { asked.value = Import; }}>{t("Import ZPL or a file")}</button>}
        <button onClick={() => { asked.value = Export; }}>{t("Save as a file")}</button>
        {may && <button onClick={() => { asked.value = SaveAs; }}>{t("Save under another name")}</button>}
        {may && published.value && changed.value && <button onClick={() => { asked.value = Discard; }}>{t("Throw the changes away")}</button>}
        {may && <button class="drop" onClick={() => { asked.value = Delete; }}>{t("Delete")}</button>}
      </>}</Drop>
    </header>
  );
}

// What everybody should know now: one line under the bar, or none.
export function Lines() {
  const said = told.value;
  useEffect(() => {
    if (!said || said.tone === "refused") return;
    const timer = setTimeout(() => { if (told.value === said) told.value = null; }, 8000);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <div class="lines">
      {(away.value || lost.value) && <p class="line away" role="alert">{nowhere.value ? t("Not connected, and this browser cannot keep your changes. Leave the page open.") : t("Not connected. Your changes are kept on this PC.")}</p>}
      {theirs.value && <p class="line look" role="alert">{t("Two people have changed this label.")} <button onClick={() => { asked.value = Conflict; }}>{t("Choose")}</button></p>}
      {waits.value && <p class="line asked">{waits.value.actor === about.value.me ? t("A version of this label waits for a second person.") : t("%(who)s asks that a version of this label be published.", { who: waits.value.actor })} <a href={versionsPage()}>{t("Look at it")}</a></p>}
      {state.value === "refused" && <p class="line refused" role="alert">{t("Not saved: %(why)s", { why: refusal.value })}</p>}
      {readonly.value && <p class="line look">{t("You may look at this label, not change it.")}</p>}
      {about.value.fresh && !tried.value && <label class="line try" for="record">{t("Try it: scan or type a serial number")}</label>}
      {said && <p class={`line ${said.tone}`} id="told">{said.sentence} <button class="x" aria-label={t("Close")} onClick={() => { told.value = null; }}>✕</button></p>}
    </div>
  );
}

