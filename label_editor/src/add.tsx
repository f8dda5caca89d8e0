// The left: what can be put on the label, in plain words; its data; and everything that is on it.

import { Fields } from "./fields";
import { icons, type IconName } from "./icons";
import { Fold } from "./inputs";
import { readonly } from "./label";
import { Layers } from "./layers";
import { put, type New } from "./putting";
import { t } from "./words";
import "./panels.css";

function things(): readonly (readonly [what: New, title: string, icon: IconName, key: string])[] {
  return [
    ["text", t("Text"), "text", "T"], ["barcode", t("Barcode"), "barcode", "B"], ["qr", t("QR code"), "qr", "Q"],
    ["image", t("Picture"), "image", "I"], ["line", t("Straight line"), "line", "L"], ["box", t("Box"), "box", "X"],
    ["ellipse", t("Ellipse"), "ellipse", ""], ["date", t("Date"), "date", ""], ["counter", t("Counter"), "counter", ""],
  ];
}

export function Add() {
  return (
    <nav class="add" aria-label={t("Add")}>
      <h2 class="unseen">{t("Add")}</h2>
      <fieldset class="bare" role="none" disabled={readonly.value}>
        <div class="things">
          {things().map(([what, title, icon, key]) => {
            const Picture = icons[icon];
            return (
              <button key={what} type="button" aria-label={title} aria-keyshortcuts={key || undefined} onClick={() => put(what)}>
                <Picture /><span>{title}</span>{key && <kbd aria-hidden="true">{key}</kbd>}
              </button>
            );
          })}
        </div>
        <Fold name="fields" title={t("Data fields")} open><Fields /></Fold>
        <Fold name="layers" title={t("On the label")}><Layers /></Fold>
      </fieldset>
    </nav>
  );
}
