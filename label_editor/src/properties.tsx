// The right: what is selected, and everything about it.

import { selected } from "./label";
import { t } from "./words";

export function Properties() {
  return (
    <aside class="properties" aria-label={t("Properties")}>
      {selected.value.length === 0 && <p class="hint">{t("Click something on the label to change it.")}</p>}
    </aside>
  );
}
