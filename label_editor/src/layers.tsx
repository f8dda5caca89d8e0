// Everything that is on the label, the front one first: to select, name, lock and order it.

import { useState } from "preact/hooks";
import { order } from "./actions";
import { icons, type IconName } from "./icons";
import { change, edit, elements, select, selection } from "./label";
import { kind } from "./names";
import { drawn } from "./tiles";
import type { Element } from "./types";
import { t } from "./words";

export function icon(one: Element): IconName {
  if (one.type === "barcode" && drawn.value.get(one.id)?.parts[0]) {
    const bars = drawn.value.get(one.id)!.parts[0]!;
    return Math.abs(bars.width - bars.height) < 2 ? "qr" : "barcode";
  }
  return one.type;
}

// What it is called in a list: its name, what it says, or its kind.
export function shortly(one: Element): string {
  const says = drawn.value.get(one.id)?.says || ("content" in one ? String(one.content) : "");
  return one.title || (says.length > 40 ? `${says.slice(0, 39)}…` : says) || kind(one);
}

function Layer({ one }: { one: Element }) {
  const [naming, name] = useState(false), is = selection.value.includes(one.id), Picture = icons[icon(one)];
  const Lock = icons[one.locked ? "lock" : "unlock"], called = shortly(one), hidden = drawn.value.get(one.id)?.says === null;
  const rename = (title: string): void => {
    name(false);
    edit(t("Name"), (label) => change(label, { [one.id]: { title: title.trim() || undefined } }));
  };
  return (
    <li class={is ? "layer chosen" : "layer"}>
      {naming ? (
        <input
          value={one.title || ""} placeholder={called} maxLength={200} aria-label={t("Name of %(what)s", { what: called })}
          ref={(input) => input?.focus()} onBlur={(event) => rename(event.currentTarget.value)}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === "Enter") event.currentTarget.blur();
            if (event.key === "Escape") name(false);
          }}
        />
      ) : (
        <button
          type="button" class="pickable" aria-pressed={is} title={hidden ? t("This record does not print it.") : undefined}
          onClick={(event) => {
            if (event.shiftKey || event.ctrlKey || event.metaKey) select(...(is ? selection.value.filter((id) => id !== one.id) : [...selection.value, one.id]));
            else select(one.id);
          }}
          onDblClick={() => name(true)}
        >
          <Picture /><span class={hidden ? "absent" : undefined}>{called}</span>
        </button>
      )}
      <button type="button" class="small" aria-pressed={Boolean(one.locked)} aria-label={t("Lock %(what)s", { what: called })} title={t("Lock")}
        onClick={() => edit(one.locked ? t("Unlock") : t("Lock"), (label) => change(label, { [one.id]: { locked: one.locked ? undefined : true } }))}><Lock /></button>
      {is && !naming && (
        <button type="button" class="small" aria-label={t("Name of %(what)s", { what: called })} title={t("Name")} onClick={() => name(true)}><icons.pen /></button>
      )}
    </li>
  );
}

export function Layers() {
  const all = [...elements.value].reverse();
  if (all.length === 0) return <p class="hint">{t("Nothing is on the label yet.")}</p>;
  const none = selection.value.length === 0;
  return (
    <>
      <p class="hint">{t("What stands above in the list is printed over what stands below.")}</p>
      <div class="pick" role="group" aria-label={t("Front to back")}>
        <button type="button" disabled={none} aria-label={t("Further to the front")} title={t("Further to the front")} onClick={() => order("up")}><icons.front /></button>
        <button type="button" disabled={none} aria-label={t("Further to the back")} title={t("Further to the back")} onClick={() => order("down")}><icons.back /></button>
      </div>
      <ul class="layers">{all.map((one) => <Layer key={one.id} one={one} />)}</ul>
    </>
  );
}
