// Where an element is, how large, and how large what is in it.

import { lock } from "./actions";
import { thickness } from "./codes";
import { has, shared, valueOf } from "./defaults";
import { Choice, Decimal, Length, Tick, Whole, Words } from "./inputs";
import { document_, saved_ } from "./label";
import { turnedTo } from "./properties_content";
import { unit } from "./session";
import { inside, set } from "./setting";
import { called } from "./symbologies";
import { drawn, size } from "./tiles";
import type { BarcodeElement, Element, TextElement } from "./types";
import { density, toDots, toUm } from "./units";
import { t, tn } from "./words";

const CAPITAL = 0.729; // of the em: the capitals of the DejaVu fonts that are built in
const POINT = 25_400 / 72; // µm

export function Place({ chosen }: { chosen: readonly Element[] }) {
  const stock = document_.value.size, locked = chosen.some((one) => one.locked), shown = unit.value;
  const place = (key: "x" | "y" | "width" | "height") => (um: number, join = ""): void =>
    set(key === "x" || key === "y" ? t("Move") : t("Resize"), (one) => ({ ...inside({ x: one.x, y: one.y, width: one.width, height: one.height, [key]: um }, saved_.value.size) }), join && `${key}.${join}`);
  const one = chosen[0]!, turnable = chosen.every((other) => other.type === "text" || other.type === "barcode" || other.type === "image");
  return (
    <>
      {locked && <p class="hint">{t("It is locked. Unlock it to move it.")}</p>}
      <div class="pair">
        <Length label={t("From left")} unit={shown} um={shared(chosen, "x")} set={place("x")} most={stock.width} disabled={locked} />
        <Length label={t("From top")} unit={shown} um={shared(chosen, "y")} set={place("y")} most={stock.height} disabled={locked} />
        <Length label={t("Width")} unit={shown} um={shared(chosen, "width")} set={place("width")} least={100} most={stock.width} disabled={locked} />
        <Length label={t("Height")} unit={shown} um={shared(chosen, "height")} set={place("height")} least={100} most={stock.height} disabled={locked} />
      </div>
      {chosen.every((other) => other.type === "text") && <Letters chosen={chosen as readonly TextElement[]} />}
      {chosen.every((other) => other.type === "barcode") && <Bars chosen={chosen as readonly BarcodeElement[]} />}
      {turnable && (
        <Choice
          label={t("Turned")} disabled={locked} value={shared(chosen, "rotation") === undefined ? undefined : String(shared(chosen, "rotation"))}
          choices={[["0", t("Not turned")], ["90", t("To the right")], ["180", t("Upside down")], ["270", t("To the left")]]}
          set={(value) => set(t("Turn"), (other) => turnedTo(other, Number(value), saved_.value))}
        />
      )}
      <Tick label={t("Locked")} on={shared(chosen, "locked")} set={lock} />
      {chosen.length === 1 && (
        <Words label={t("Your name for it")} value={valueOf(one, "title")} set={(title) => set(t("Name"), { title }, "title")} hint={t("Nothing printed depends on it.")} />
      )}
    </>
  );
}

// The size of letters as a person measures it, by their height; printers of books say points.
function Letters({ chosen }: { chosen: readonly TextElement[] }) {
  const um: number | undefined = shared(chosen, "size"), font = chosen.every((one) => !String(valueOf(one, "font")).startsWith("asset:"));
  const put = (size_: number, join = ""): void => {
    const em = Math.max(200, Math.round(size_));
    set(t("Size of the letters"), (one) => ({ size: em, ...(valueOf(one, "min_size") > em ? { min_size: em } : {}) }), join && `size.${join}`);
  };
  const found = chosen.length === 1 ? drawn.value.get(chosen[0]!.id) : undefined, at = density(size.value.density);
  const shrunk = found && found.size > 0 && um !== undefined && found.size < toDots(um, at) ? (toUm(found.size, at) / POINT).toFixed(1) : "";
  return (
    <>
      <div class="pair">
        {font && <Length label={t("Height of letters")} unit={unit.value} um={um === undefined ? undefined : Math.round(um * CAPITAL)} least={200} most={500_000} set={(high, join) => put(high / CAPITAL, join)} />}
        <Decimal label={t("Letter size")} unit="pt" value={um === undefined ? undefined : um / POINT} least={1} most={2000} set={(points, join) => put(points * POINT, join)} />
      </div>
      {shrunk && <p class="hint">{t("Shrunk to %(n)s pt so that it fits.", { n: shrunk })}</p>}
    </>
  );
}

// How wide the bars are: by itself as wide as there is room, or so many dots.
function Bars({ chosen }: { chosen: readonly BarcodeElement[] }) {
  const at = density(size.value.density), one = chosen[0]!, found = drawn.value.get(one.id);
  const module: number | null | undefined = shared(chosen, "module");
  const least = Math.max(...chosen.map((other) => Math.max(2, Math.ceil(((called(other.symbology)?.least_module ?? 166) * at.n) / (1000 * at.d) - 1e-9))));
  const dots = module === undefined ? undefined : module === null ? "" : String(toDots(module, at));
  const choices: [string, string][] = [["", t("As wide as there is room")]];
  for (let n = least; n <= least + 8; n += 1) choices.push([String(n), thickness(one, n, size.value.density)]);
  if (dots && !choices.some(([value]) => value === dots)) choices.push([dots, thickness(one, Number(dots), size.value.density)]);
  return (
    <>
      {chosen.length === 1 && found && found.module > 0 && (
        <p class={found.module < least ? "note look bars" : "now bars"}>{thickness(one, found.module, size.value.density)}</p>
      )}
      <Choice
        label={t("Bars")} value={dots} choices={choices}
        set={(value) => set(t("Width of the bars"), { module: value === "" ? null : toUm(Number(value), at) })}
      />
    </>
  );
}

// "More" of a code: what its kind can choose.
export function Options({ chosen }: { chosen: readonly BarcodeElement[] }) {
  const own = chosen.map((one) => called(one.symbology)?.options || []);
  const can = (key: string): boolean => own.every((list) => list.includes(key)) && chosen.every((one) => has(one, key));
  const put = (key: string) => (value: unknown): void => set(t("Form of the code"), { [key]: value });
  const micro = chosen.some((one) => one.symbology === "micropdf417"), small = chosen.some((one) => one.symbology === "micro-qr");
  const level: number | null | undefined = shared(chosen, "security_level");
  return (
    <>
      {can("error_correction") && (
        <Choice
          label={t("May be damaged")} value={shared(chosen, "error_correction")} set={put("error_correction")}
          choices={([["L", t("7 % of it")], ["M", t("15 % of it")], ["Q", t("25 % of it")], ["H", t("30 % of it")]] as [string, string][]).filter(([one]) => !(small && one === "H"))}
        />
      )}
      {can("error_percent") && (
        <Choice label={t("For damage, besides its content")} value={shared(chosen, "error_percent") === undefined ? undefined : String(shared(chosen, "error_percent"))} choices={["10", "23", "36", "50"].map((n) => [n, `${n} %`] as const)} set={(value) => put("error_percent")(Number(value))} />
      )}
      {can("square") && <Tick label={t("Square")} on={shared(chosen, "square")} set={put("square")} />}
      {can("columns") && <Whole label={t("Columns")} empty value={shared(chosen, "columns")} least={1} most={micro ? 4 : 30} set={put("columns")} hint={t("Empty: as few as it needs.")} />}
      {can("rows") && <Whole label={t("Rows")} empty value={shared(chosen, "rows")} least={3} most={90} set={put("rows")} />}
      {can("row_height") && <Whole label={t("Height of a row")} empty value={shared(chosen, "row_height")} least={micro ? 2 : 3} most={10} set={put("row_height")} hint={t("In widths of a bar.")} />}
      {can("security_level") && (
        <Choice
          label={t("Against damage")} value={level === undefined ? undefined : level === null ? "" : String(level)}
          choices={[["", t("By its length")], ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) => [String(n), tn("Step %(n)s of 8", "Step %(n)s of 8", n)] as [string, string])]}
          set={(value) => put("security_level")(value === "" ? null : Number(value))}
        />
      )}
      {can("segments") && <Whole label={t("Parts in a row")} value={shared(chosen, "segments")} least={2} most={20} set={(n) => put("segments")(n === null ? n : n - (n % 2))} hint={t("An even number.")} />}
    </>
  );
}
