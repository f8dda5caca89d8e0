// The top: which label this is, back and forth, and what is done with it.

import { at, redo, saved_, steps, undo } from "./label";
import { t } from "./words";

export function Bar() {
  const label = saved_.value, back = steps.value[at.value], forth = steps.value[at.value + 1];
  return (
    <header class="bar">
      <a class="button" href="/templates">{t("Labels")}</a>
      <h1>{label.title || label.name}</h1>
      <button disabled={at.value === 0} onClick={undo} title={back?.title}>{t("Undo")}</button>
      <button disabled={!forth} onClick={redo} title={forth?.title}>{t("Redo")}</button>
    </header>
  );
}
