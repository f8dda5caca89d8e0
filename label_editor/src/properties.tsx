// The right: what is selected, and everything about it.

import { useEffect } from "preact/hooks";
import { called } from "./actions";
import { Arrange } from "./arrange";
import { Fold } from "./inputs";
import { readonly, selected } from "./label";
import { Content, isShape } from "./properties_content";
import { LabelProperties } from "./properties_label";
import { Look } from "./properties_look";
import { Place } from "./properties_place";
import { fetchSymbologies, symbologies } from "./symbologies";
import { t, tn } from "./words";

const AGAIN = 3000; // ms until a gateway that does not answer is asked again

// What is typed belongs to what was selected while it was typed: a press elsewhere takes it first.
function take(event: PointerEvent): void {
  const one = document.activeElement;
  if (one instanceof HTMLInputElement && one !== event.target && one.closest(".properties")) one.blur();
}

export function Properties() {
  const chosen = selected.value, ids = chosen.map((one) => one.id).join();
  useEffect(() => {
    let timer = 0;
    const fetch_ = (): void => void fetchSymbologies().catch(() => { timer = window.setTimeout(fetch_, AGAIN); });
    if (!symbologies.value.length) fetch_();
    addEventListener("pointerdown", take, true);
    return () => { clearTimeout(timer); removeEventListener("pointerdown", take, true); };
  }, []);
  return (
    <aside class="properties" aria-label={t("Properties")}>
      <fieldset class="bare" role="none" disabled={readonly.value}>
        {chosen.length === 0 ? <LabelProperties /> : (
          <div key={ids}>
            <h2>{chosen.length === 1 ? called(chosen[0]!) : tn("%(n)s thing selected", "%(n)s things selected", chosen.length)}</h2>
            <Arrange />
            {!chosen.every(isShape) && <Fold name="content" title={t("Content")} open><Content chosen={chosen} /></Fold>}
            <Fold name="place" title={t("Size and place")} open><Place chosen={chosen} /></Fold>
            <Fold name="look" title={t("Appearance")}><Look chosen={chosen} /></Fold>
          </div>
        )}
      </fieldset>
    </aside>
  );
}
