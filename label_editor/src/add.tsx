// The left: what can be put on the label, in plain words.

import { t } from "./words";

export function Add() {
  return <nav class="add" aria-label={t("Add")} />;
}
