// From a draft to the version that prints: publishing, two people at one label, other names, the end.

import { useState } from "preact/hooks";
import { asked, Dialog, shut } from "./dialogs";
import { saved_ } from "./label";
import { changed, discard, draft, keepMine, opened, publish, published, refusal, remove, save, saveAs, speaker, state, takeTheirs, theirs } from "./keeping";
import { Picture } from "./picture";
import { announce, tell } from "./said";
import { about, name } from "./session";
import { problems } from "./tiles";
import { once, useTrying } from "./trying";
import { t, tn } from "./words";

export const versionsPage = (): string => `/templates/${encodeURIComponent(name.value)}/versions`;
export const printPage = (): string => `/templates/${encodeURIComponent(name.value)}/print`;

// Save now, and say how that went.
export async function saveNow(): Promise<void> {
  const good = await save();
  if (good) announce(t("Saved"));
  else if (refusal.value) tell(refusal.value, "refused");
  else if (theirs.value) asked.value = Conflict;
}

// ---------------------------------------------------------------- publish

export function Publish() {
  const [note, write] = useState(""), [key] = useState(once), { busy, refused, attempt } = useTrying();
  const n = problems.value.length, next = (published.value?.number || 0) + 1;
  const send = (event: Event): void => {
    event.preventDefault();
    void attempt(async () => {
      const outcome = await publish(note.trim(), key);
      shut();
      tell(outcome === "waits" ? t("A second person has to agree before this prints.") : t("Version %(n)s is published: it prints from now on.", { n: outcome.number }), "done");
    });
  };
  return (
    <Dialog title={t("Publish this label")}>
      <form onSubmit={send}>
        <Picture document={saved_.value} title={t("The label as it will print")} />
        <p>{about.value.approval
          ? t("Somebody else has to agree first. Until then the label prints as before.")
          : t("It becomes version %(n)s and is what prints from now on.", { n: next })}</p>
        {n > 0 && <p class="note look">{tn("There is %(n)s problem. With these values it would not print.", "There are %(n)s problems. With these values it would not print.", n)}</p>}
        <label class="field"><span>{t("What did you change?")}</span>
          <input name="note" maxLength={200} value={note} autofocus onInput={(event) => write(event.currentTarget.value)} /></label>
        {refused && <p class="refusal" role="alert">{refused}</p>}
        <footer><button type="button" onClick={shut}>{t("Cancel")}</button>
          <button class="primary" disabled={busy}>{about.value.approval ? t("Ask for approval") : t("Publish")}</button></footer>
      </form>
    </Dialog>
  );
}

// ---------------------------------------------------------------- two people

export function Conflict() {
  const other = theirs.value, { busy, refused, attempt } = useTrying();
  const [naming, ask_name] = useState(false);
  if (!other) return null;
  if (naming) return <SaveAs />;
  const who = speaker(other.actor), minutes = Math.floor(other.ago / 60000);
  const when = minutes < 1 ? t("a moment ago") : minutes < 60 ? tn("%(n)s minute ago", "%(n)s minutes ago", minutes) : tn("%(n)s hour ago", "%(n)s hours ago", Math.floor(minutes / 60));
  return (
    <Dialog title={other.document ? t("This label was saved by %(who)s %(when)s", { who, when }) : t("This label was published or thrown away meanwhile")} wide>
      <p>{t("You have changes of your own. Nothing is lost whichever you choose: the other one stays in the history.")}</p>
      <div class="both">
        <figure><figcaption>{t("Theirs")}</figcaption>
          {other.document && <Picture document={other.document} title={t("Theirs")} />}
          <button disabled={busy} onClick={() => void attempt(async () => { await takeTheirs(); shut(); })}>{t("Take theirs")}</button></figure>
        <figure><figcaption>{t("Yours")}</figcaption>
          <Picture document={saved_.value} title={t("Yours")} />
          <button class="primary" disabled={busy} onClick={() => void attempt(async () => { if (await keepMine()) tell(t("Yours is saved. Undo shows theirs."), "done"); shut(); })}>{t("Keep mine")}</button>
          <button disabled={busy} onClick={() => ask_name(true)}>{t("Keep mine under another name")}</button></figure>
      </div>
      {refused && <p class="refusal" role="alert">{refused}</p>}
    </Dialog>
  );
}

// ---------------------------------------------------------------- another name, the end

export function SaveAs() {
  const [wanted, call] = useState(`${name.value}-2`), [title, write] = useState(""), { busy, refused, attempt } = useTrying();
  return (
    <Dialog title={t("Save under another name")}>
      <form onSubmit={(event) => { event.preventDefault(); void attempt(() => saveAs(wanted.trim(), title.trim())); }}>
        <label class="field"><span>{t("Name, as programs say it: letters, digits and -")}</span>
          <input name="name" required value={wanted} maxLength={64} autofocus onInput={(event) => call(event.currentTarget.value)} /></label>
        <label class="field"><span>{t("What people call this label")}</span>
          <input name="title" value={title} maxLength={100} onInput={(event) => write(event.currentTarget.value)} /></label>
        {refused && <p class="refusal" role="alert">{refused}</p>}
        <footer><button type="button" onClick={shut}>{t("Cancel")}</button><button class="primary" disabled={busy}>{t("Save")}</button></footer>
      </form>
    </Dialog>
  );
}

export function Delete() {
  const { busy, refused, attempt } = useTrying();
  return (
    <Dialog title={t("Delete the label %(name)s?", { name: saved_.value.title || name.value })}>
      <p>{published.value ? t("It cannot be printed any more, and its name is free again. Labels that were printed can still be printed again.") : t("It was never published: nothing of it is kept.")}</p>
      {refused && <p class="refusal" role="alert">{refused}</p>}
      <footer><button autofocus onClick={shut}>{t("Cancel")}</button><button class="drop" disabled={busy} onClick={() => void attempt(remove)}>{t("Delete")}</button></footer>
    </Dialog>
  );
}

export function Discard() {
  return (
    <Dialog title={t("Throw the changes away?")}>
      <p>{t("The label is again as version %(n)s prints it. Undo brings the changes back.", { n: published.value?.number || 0 })}</p>
      <footer><button autofocus onClick={shut}>{t("Cancel")}</button><button class="drop" onClick={() => { discard(); shut(); }}>{t("Throw away")}</button></footer>
    </Dialog>
  );
}

// ---------------------------------------------------------------- words of the bar

export function badge(): { words: string; tone: string } {
  if (!published.value) return { words: t("Draft"), tone: "look" };
  if (changed.value) return { words: t("Draft of version %(n)s", { n: published.value.number + 1 }), tone: "look" };
  return { words: t("Published v%(n)s", { n: published.value.number }), tone: "done" };
}

export function whereKept(): string {
  if (opened.value !== "open") return "";
  switch (state.value) {
    case "saving": return t("Saving…");
    case "here": return t("Kept on this PC");
    case "refused": return t("Not saved");
    case "saved": return draft.value ? t("Saved") : "";
  }
}

