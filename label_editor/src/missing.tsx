// There is nothing to edit: no label of that name, or no gateway that could say.

import { make, opened, refusal } from "./keeping";
import { start } from "./opening";
import { about, name } from "./session";
import { t } from "./words";

export function Missing() {
  const missing = opened.value === "missing";
  return (
    <main class="missing">
      <h1>{name}</h1>
      {missing && <p class="sentence">{t("There is no label called %(name)s.", { name: name.value })}</p>}
      {opened.value === "away" && <p class="sentence">{t("Not connected: the gateway does not answer.")}</p>}
      {opened.value === "refused" && <p class="sentence">{refusal}</p>}
      <p class="row">
        {missing && about.value.may.templates && (
          <button class="primary" onClick={() => start(make({ name: name.value, size: { width: 100000, height: 50000 }, elements: [] }))}>{t("Make this label")}</button>
        )}
        {opened.value === "away" && <button class="primary" onClick={() => location.reload()}>{t("Try again")}</button>}
        <a class="button" href="/templates">{t("Labels")}</a>
      </p>
    </main>
  );
}
