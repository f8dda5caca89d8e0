// Nothing is selected: the label itself, its stock, and what it is about.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask } from "./api";
import { ABOUTS } from "./fields";
import { Choice, Fold, Length, Words } from "./inputs";
import { document_, saved_ } from "./label";
import { announce } from "./said";
import { unit } from "./session";
import { inside, setLabel } from "./setting";
import type { Size } from "./boxes";
import type { Document } from "./types";
import { say } from "./units";
import { t } from "./words";

interface Stock { name: string; label: string; size: string; own: boolean; maker: string; width: number; height: number }

const stocks = signal<readonly Stock[]>([]);

async function fetchStocks(): Promise<void> {
  if (stocks.value.length) return;
  const { body } = await ask<{ items: Stock[] }>("GET", "/v1/label-stocks");
  stocks.value = body.items;
}

// Everything on a stock of another size: what does not fit moves, and then is made smaller.
export function onStock(document: Document, size: Size): Document {
  return {
    ...document, size,
    elements: document.elements.map((one) => {
      const place = inside(one, size), same = (Object.keys(place) as (keyof typeof place)[]).every((key) => place[key] === one[key]);
      return same ? one : { ...one, ...place };
    }),
  };
}

export function LabelProperties() {
  useEffect(() => { void fetchStocks().catch(() => undefined); }, []);
  const label = document_.value, shown = unit.value, { width, height } = label.size;
  const resize = (size: Size, join = ""): void => {
    setLabel(t("Size of the label"), onStock(saved_.value, size), join);
    announce(t("The label is %(width)s by %(height)s %(unit)s", { width: say(size.width, shown), height: say(size.height, shown), unit: shown }));
  };
  const cut = stocks.value.filter((one) => one.height > 0);
  const now = cut.find((one) => one.width === width && one.height === height)?.name ?? "";
  const named = (one: Stock): [string, string] => [one.name, one.label === one.size ? one.size : `${one.label}, ${one.size}`];
  return (
    <>
      <p class="hint">{t("Click something on the label to change it.")}</p>
      <Fold name="label" title={t("This label")} open>
        <Words label={t("Title")} value={label.title || ""} placeholder={label.name} set={(title) => setLabel(t("Title"), { title }, "title")} />
        {cut.length > 0 && (
          <Choice
            label={t("Label stock")} value={now} set={(name) => { const one = cut.find((other) => other.name === name); if (one) resize({ width: one.width, height: one.height }); }}
            choices={[["", t("A size of its own")], ...cut.filter((one) => one.own || !one.maker).map(named)]}
            more={{ title: t("By maker"), choices: cut.filter((one) => !one.own && one.maker).map(named) }}
          />
        )}
        <div class="pair">
          <Length label={t("Width")} unit={shown} um={width} least={2000} set={(um, join) => resize({ width: um, height }, join && `w.${join}`)} />
          <Length label={t("Height")} unit={shown} um={height} least={2000} set={(um, join) => resize({ width, height: um }, join && `h.${join}`)} />
        </div>
        <Choice label={t("Measured in")} value={shown} choices={[["mm", t("Millimetres")], ["in", t("Inches")]]} set={(value) => { unit.value = value as "mm" | "in"; }} />
        <Choice label={t("This label is about")} value={label.about || ""} choices={ABOUTS()} set={(value) => setLabel(t("What it is about"), { about: value })} hint={t("What you scan or choose at printing; it fills the data fields.")} />
        <Choice
          label={t("Sent to the printer")} value={label.mode || "exact"} set={(value) => setLabel(t("Way of printing"), { mode: value as Document["mode"] })}
          choices={[["exact", t("As a picture, dot for dot")], ["native", t("As the printer's own commands")]]}
          hint={(label.mode || "exact") === "exact" ? t("What you see is what is printed, on every printer.") : t("Faster on slow lines. The printer draws codes and letters itself: letters may look a little different from the screen.")}
        />
      </Fold>
    </>
  );
}
