// The fields of the panels: each with its words, its value, and what becomes of a new one. `undefined`
// is "not the same in all that is selected".

import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { icons, type IconName } from "./icons";
import { read, say, type Unit } from "./units";
import { t } from "./words";

interface Common { label: string; hint?: ComponentChildren; disabled?: boolean }

function Field({ label, id, hint, children, kind = "" }: { label: string; id: string; hint?: ComponentChildren; children: ComponentChildren; kind?: string }) {
  return (
    <div class={`put ${kind}`}>
      <label for={id}>{label}</label>
      {children}
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
    </div>
  );
}

// A value that is typed, and taken when it is finished: by Enter, or by leaving the field.
function Typed({ label, hint, disabled, shown, take, step, kind, mode = "decimal", unit }: Common & {
  shown: string; take: (text: string) => boolean; step?: (by: number) => void; kind?: string; mode?: "decimal" | "numeric" | "text"; unit?: string;
}) {
  const id = useId(), [typed, type] = useState<string | null>(null), [wrong, say_] = useState(false);
  const finish = (text: string): void => {
    const good = text === shown || take(text);
    say_(!good);
    if (good) type(null);
  };
  return (
    <Field label={label} id={id} kind={kind} hint={wrong ? t("%(text)s is no value for this.", { text: typed ?? "" }) : hint}>
      <span class="typed">
        <input
          id={id} inputMode={mode} autocomplete="off" disabled={disabled} value={typed ?? shown} aria-invalid={wrong}
          aria-describedby={hint || wrong ? `${id}-hint` : undefined}
          onInput={(event) => { type(event.currentTarget.value); say_(false); }}
          onChange={(event) => finish(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape" && typed !== null) { type(null); say_(false); event.stopPropagation(); }
            if (!step || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
            event.preventDefault();
            type(null);
            step((event.key === "ArrowUp" ? 1 : -1) * (event.shiftKey ? 10 : 1));
          }}
        />
        {unit && <span class="unit" aria-hidden="true">{unit}</span>}
      </span>
    </Field>
  );
}

// A length in mm or inch: "12,5 mm", "1/2\"" or a bare number; arrows change it by 1 mm or 1/16 inch.
export function Length({ um, set, unit, least = 0, most = 2_000_000, ...rest }: Common & {
  um: number | undefined; set: (um: number, join?: string) => void; unit: Unit; least?: number; most?: number;
}) {
  const fit = (value: number): number => Math.max(least, Math.min(most, value));
  return (
    <Typed
      {...rest} kind="short" unit={unit} shown={um === undefined ? "" : say(um, unit)}
      take={(text) => {
        const value = read(text, unit);
        if (value === null) return false;
        set(fit(value));
        return true;
      }}
      step={um === undefined ? undefined : (by) => set(fit(um + by * (unit === "mm" ? 1000 : 1588)), "step")}
    />
  );
}

// A whole number; empty where `empty` says that it may be.
export function Whole({ value, set, least = 0, most = 1_000_000, empty = false, unit, ...rest }: Common & {
  value: number | null | undefined; set: (value: number | null, join?: string) => void; least?: number; most?: number; empty?: boolean; unit?: string;
}) {
  return (
    <Typed
      {...rest} kind="short" mode="numeric" unit={unit} shown={value === undefined || value === null ? "" : String(value)}
      take={(text) => {
        if (text.trim() === "" && empty) { set(null); return true; }
        if (!/^\s*-?[0-9]+\s*$/.test(text)) return false;
        set(Math.max(least, Math.min(most, Number(text))));
        return true;
      }}
      step={(by) => set(Math.max(least, Math.min(most, (value ?? least) + by)), "step")}
    />
  );
}

// A number with places behind the point.
export function Decimal({ value, set, least, most, unit, ...rest }: Common & {
  value: number | undefined; set: (value: number, join?: string) => void; least: number; most: number; unit?: string;
}) {
  const fit = (one: number): number => Math.max(least, Math.min(most, one));
  return (
    <Typed
      {...rest} kind="short" unit={unit} shown={value === undefined ? "" : String(Math.round(value * 100) / 100)}
      take={(text) => {
        const one = Number(text.trim().replace(",", "."));
        if (text.trim() === "" || !Number.isFinite(one)) return false;
        set(fit(one));
        return true;
      }}
      step={value === undefined ? undefined : (by) => set(fit(value + by), "step")}
    />
  );
}

// A text that is there with every key.
export function Words({ label, hint, disabled, value, set, rows = 1, placeholder, place, spell = false }: Common & {
  value: string; set: (text: string) => void; rows?: number; placeholder?: string; spell?: boolean;
  place?: { current: HTMLInputElement | HTMLTextAreaElement | null };
}) {
  const id = useId();
  const common = {
    id, disabled, value, placeholder, autocomplete: "off", spellcheck: spell,
    "aria-describedby": hint ? `${id}-hint` : undefined, ref: place as any,
    onInput: (event: any) => set(event.currentTarget.value),
  };
  return (
    <Field label={label} id={id} hint={hint}>
      {rows > 1 ? <textarea {...common} rows={rows} dir="auto" /> : <input {...common} dir="auto" />}
    </Field>
  );
}

export function Tick({ label, hint, disabled, on, set }: Common & { on: boolean | undefined; set: (on: boolean) => void }) {
  const id = useId();
  return (
    <div class="put tick">
      <label for={id}>
        <input
          id={id} type="checkbox" disabled={disabled} checked={on === true} aria-describedby={hint ? `${id}-hint` : undefined}
          ref={(one) => { if (one) one.indeterminate = on === undefined; }}
          onChange={(event) => set(event.currentTarget.checked)}
        />
        <span>{label}</span>
      </label>
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
    </div>
  );
}

export type Choices = readonly (readonly [value: string, title: string])[];

export function Choice({ label, hint, disabled, value, choices, more, set }: Common & {
  value: string | undefined; choices: Choices; more?: { title: string; choices: Choices }; set: (value: string) => void;
}) {
  const id = useId();
  const options = (list: Choices) => list.map(([one, title]) => <option key={one} value={one} selected={one === value}>{title}</option>);
  return (
    <Field label={label} id={id} hint={hint}>
      <select
        id={id} disabled={disabled} value={value ?? ""} aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => { if (event.currentTarget.value !== "" || choices.some(([one]) => one === "")) set(event.currentTarget.value); }}
      >
        {value === undefined && <option value="" selected disabled hidden>{t("not the same in all")}</option>}
        {options(choices)}
        {more && <optgroup label={more.title}>{options(more.choices)}</optgroup>}
      </select>
    </Field>
  );
}

// A few choices side by side, each a picture with a name.
export function Pick({ label, value, choices, set, disabled }: {
  label: string; value: string | undefined; choices: readonly (readonly [value: string, title: string, icon: IconName])[];
  set: (value: string) => void; disabled?: boolean;
}) {
  return (
    <div class="put">
      <span class="called" aria-hidden="true">{label}</span>
      <div class="pick" role="group" aria-label={label}>
        {choices.map(([one, title, icon]) => {
          const Picture = icons[icon];
          return (
            <button key={one} type="button" disabled={disabled} aria-pressed={one === value} aria-label={title} title={title} onClick={() => set(one)}>
              <Picture />
            </button>
          );
        })}
      </div>
    </div>
  );
}

// A part of a panel that opens and stays so while the page is open.
const opened = new Map<string, boolean>();

export function Fold({ name, title, open = false, children, plain = false }: { name: string; title: string; open?: boolean; children: ComponentChildren; plain?: boolean }) {
  const [is, turn] = useState(opened.get(name) ?? open);
  return (
    <details class={plain ? "fold plain" : "fold"} open={is} onToggle={(event) => { opened.set(name, event.currentTarget.open); turn(event.currentTarget.open); }}>
      <summary>{title}</summary>
      {is && <div class="inner">{children}</div>}
    </details>
  );
}
