// A label from elsewhere: ZPL of another program, or a label's file of another gateway.

import { useState } from "preact/hooks";
import { ask } from "./api";
import { Dialog, shut } from "./dialogs";
import { edit, saved_ } from "./label";
import { tell } from "./said";
import { size } from "./tiles";
import { useTrying } from "./trying";
import type { Document } from "./types";
import { t, tn } from "./words";

interface Kept { commands: string; why: string; element: string | null }
interface Brought { document: Document; kept: Kept[]; notes: string[] }

function Left({ title, all }: { title: string; all: Kept[] }) {
  return all.length === 0 ? null : (
    <><h3>{title}</h3><ul>{all.map((one, n) => <li key={n}><code>{one.commands.slice(0, 80)}</code> {one.why}</li>)}</ul></>
  );
}

export function Import() {
  const [text, write] = useState(""), [brought, bring] = useState<Brought | null>(null), { busy, refused, attempt } = useTrying();
  const read = (source: string): Promise<void> => attempt(async () => {
    const name = saved_.value.name, json = source.trimStart().startsWith("{");
    const body = json ? { document: JSON.parse(source) as unknown, name } : { zpl: source, name, density: String(size.value.density) };
    bring((await ask<Brought>("POST", "/v1/templates/import", body)).body);
  });
  const choose = (file: File | undefined): void => {
    if (file) void file.text().then((found) => { write(found); return read(found); });
  };
  const take = (found: Brought): void => {
    edit(t("Import"), (document) => ({ ...found.document, name: document.name }));
    tell(t("Imported. Undo shows the label as it was."), "done");
    shut();
  };
  return (
    <Dialog title={t("Import a label")} wide>
      <form onSubmit={(event) => { event.preventDefault(); if (brought) take(brought); else void read(text); }}>
        {!brought && <>
          <p>{t("ZPL from another program, or a label's file from another gateway. It replaces what is on the screen; Undo brings that back.")}</p>
          <label class="field"><span>{t("File")}</span><input type="file" accept=".zpl,.prn,.txt,.json" onChange={(event) => choose(event.currentTarget.files?.[0])} /></label>
          <label class="field"><span>{t("or paste it here")}</span><textarea rows={8} value={text} spellcheck={false} onInput={(event) => write(event.currentTarget.value)} /></label>
        </>}
        {brought && <>
          <p class="note done">{tn("%(n)s object was understood.", "%(n)s objects were understood.", brought.document.elements.filter((one) => one.type !== "raw").length)}</p>
          <Left title={t("Kept as the printer's own commands")} all={brought.kept.filter((one) => one.element)} />
          <Left title={t("Left out")} all={brought.kept.filter((one) => !one.element)} />
          {brought.notes.length > 0 && <><h3>{t("To know")}</h3><ul>{brought.notes.map((one, n) => <li key={n}>{one}</li>)}</ul></>}
        </>}
        {refused && <p class="refusal" role="alert">{refused}</p>}
        <footer><button type="button" onClick={shut}>{t("Cancel")}</button><button class="primary" disabled={busy || !text.trim()}>{brought ? t("Take it") : t("Read it")}</button></footer>
      </form>
    </Dialog>
  );
}
