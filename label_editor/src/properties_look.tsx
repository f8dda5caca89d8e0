// How an element looks: letters, lines, where in its place it stands, and when it is printed at all.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask } from "./api";
import { has, shared } from "./defaults";
import { Choice, Decimal, Fold, Length, Pick, Tick, Whole, type Choices } from "./inputs";
import { PrintWhen } from "./print_when";
import { Options } from "./properties_place";
import { unit } from "./session";
import { set } from "./setting";
import { called } from "./symbologies";
import type { BarcodeElement, Element } from "./types";
import { t } from "./words";

const POINT = 25_400 / 72; // µm
const SHRUNK = 2000; // µm of the em: still read at arm's length

const uploaded = signal<readonly { ref: string; name: string; kind: string }[] | null>(null);

async function fetchFonts(): Promise<void> {
  if (uploaded.value) return;
  const { body } = await ask<{ items: { ref: string; name: string; kind: string }[] }>("GET", "/v1/assets?limit=500");
  uploaded.value = body.items.filter((one) => one.kind === "font");
}

export function Look({ chosen }: { chosen: readonly Element[] }) {
  const all = (key: string): boolean => chosen.every((one) => has(one, key)), same = chosen.every((one) => one.type === chosen[0]!.type);
  const kind = same ? chosen[0]!.type : "";
  const put = (title: string, key: string) => (value: unknown): void => set(title, { [key]: value });
  return (
    <>
      {kind === "text" && <Letters chosen={chosen} />}
      {kind === "barcode" && <Line chosen={chosen} />}
      {all("align") && (
        <Pick
          label={t("Across its place")} value={shared(chosen, "align")} set={put(t("Align"), "align")}
          choices={[["left", t("Left"), "align_left"], ["center", t("In the middle"), "align_center"], ["right", t("Right"), "align_right"]]}
        />
      )}
      {kind === "text" && <Tick label={t("Side by the language: right for Arabic and Hebrew")} on={shared(chosen, "align") === "auto"} set={(on) => set(t("Align"), { align: on ? "auto" : "left" })} />}
      {all("valign") && (
        <Pick
          label={t("In the height of its place")} value={shared(chosen, "valign")} set={put(t("Align"), "valign")}
          choices={[["top", t("At the top"), "top"], ["middle", t("In the middle of the height"), "middle"], ["bottom", t("At the bottom"), "bottom"]]}
        />
      )}
      {kind === "text" && <Fitting chosen={chosen} />}
      {all("filled") && <Tick label={t("Filled with black")} on={shared(chosen, "filled")} set={put(t("Filled"), "filled")} />}
      {all("thickness") && <Length label={t("Thickness of the line")} unit={unit.value} um={shared(chosen, "thickness")} least={50} most={50_000} set={(um, join) => set(t("Thickness"), { thickness: um }, join && `thickness.${join}`)} />}
      {all("radius") && <Length label={t("Round corners")} unit={unit.value} um={shared(chosen, "radius")} most={100_000} set={(um, join) => set(t("Round corners"), { radius: um }, join && `radius.${join}`)} />}
      {kind === "line" && (
        <Choice
          label={t("It goes")} value={shared(chosen, "direction")} set={put(t("Direction"), "direction")}
          choices={[["-", t("Across")], ["|", t("Down")], ["\\", t("From top left to bottom right")], ["/", t("From bottom left to top right")]]}
        />
      )}
      {kind === "barcode" && chosen.some((one) => called((one as BarcodeElement).symbology)?.options.length) && <Fold name="more-code" title={t("More")} plain><Options chosen={chosen as readonly BarcodeElement[]} /></Fold>}
      <PrintWhen chosen={chosen} />
    </>
  );
}

function fonts(): Choices {
  return [
    ["sans", t("Plain")], ["mono", t("All letters equally wide")],
    ...(uploaded.value || []).map((one): [string, string] => [one.ref, one.name || t("Uploaded font")]),
  ];
}

function Font({ chosen, name }: { chosen: readonly Element[]; name: "font" | "text_font" }) {
  useEffect(() => { void fetchFonts().catch(() => undefined); }, []);
  const font: string | undefined = shared(chosen, name), list = fonts(), family = font === "sans-bold" ? "sans" : font;
  const known = family === undefined || list.some(([one]) => one === family) ? list : [...list, [family, t("A font that is not here")] as const];
  return (
    <>
      <Choice label={t("Font")} value={family} choices={known} set={(value) => set(t("Font"), { [name]: value })} />
      {(font === undefined || font === "sans" || font === "sans-bold") && (
        <Tick label={t("Bold")} on={font === undefined ? undefined : font === "sans-bold"} set={(on) => set(t("Bold"), { [name]: on ? "sans-bold" : "sans" })} />
      )}
    </>
  );
}

function Letters({ chosen }: { chosen: readonly Element[] }) {
  return (
    <>
      <Font chosen={chosen} name="font" />
      <Tick label={t("White on black")} on={shared(chosen, "reverse")} set={(on) => set(t("White on black"), { reverse: on })} />
    </>
  );
}

// What becomes of a text that is too long for its place, and of one that is empty.
function Fitting({ chosen }: { chosen: readonly Element[] }) {
  const least: number | undefined = shared(chosen, "min_size"), lines: number | undefined = shared(chosen, "max_lines");
  return (
    <fieldset>
      <legend>{t("When it is too long")}</legend>
      <Tick label={t("Make the letters smaller")} on={least === undefined ? undefined : least > 0} set={(on) => set(t("Shrink"), (one) => ({ min_size: on && "size" in one ? Math.min(one.size as number, SHRUNK) : 0 }))} />
      {least !== undefined && least > 0 && (
        <Decimal
          label={t("But not smaller than")} unit="pt" value={least / POINT} least={1} most={2000}
          set={(points, join) => set(t("Smallest letters"), (one) => ({ min_size: Math.min(Math.round(points * POINT), "size" in one ? (one.size as number) : 0) }), join && `least.${join}`)}
        />
      )}
      <Tick label={t("Go on in the next line")} on={shared(chosen, "wrap")} set={(on) => set(t("Several lines"), { wrap: on })} />
      {shared(chosen, "wrap") !== false && (
        <div class="pair">
          <Whole label={t("Lines at most")} empty value={lines === 200 ? null : lines} least={1} most={200} set={(n) => set(t("Lines at most"), { max_lines: n ?? 200 })} />
          <Whole label={t("Line spacing")} unit="%" value={shared(chosen, "line_spacing")} least={50} most={300} set={(n, join) => set(t("Line spacing"), { line_spacing: n }, join && `spacing.${join}`)} />
        </div>
      )}
      <Tick label={t("When it is empty, move up what stands below")} on={shared(chosen, "collapse")} set={(on) => set(t("Close the gap"), { collapse: on })} />
    </fieldset>
  );
}

// The line of text at a code.
function Line({ chosen }: { chosen: readonly Element[] }) {
  const text: string | undefined = shared(chosen, "text");
  return (
    <>
      <Choice label={t("Its content in letters")} value={text} choices={[["none", t("No")], ["below", t("Below")], ["above", t("Above")]]} set={(value) => set(t("Text at the code"), { text: value })} />
      {text !== undefined && text !== "none" && (
        <>
          <Decimal
            label={t("Size of these letters")} unit="pt" value={shared(chosen, "text_size") === undefined ? undefined : shared(chosen, "text_size") / POINT} least={1} most={500}
            set={(points, join) => set(t("Size of the letters"), { text_size: Math.round(points * POINT) }, join && `text.${join}`)}
          />
          <Font chosen={chosen} name="text_font" />
        </>
      )}
    </>
  );
}
