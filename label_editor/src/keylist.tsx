// All keys, from the one table.

import { useEffect, useRef } from "preact/hooks";
import { asked } from "./dialogs";
import { keys } from "./keys";
import { t } from "./words";

const signs = (): Record<string, string> => ({
  ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: t("Esc"), Delete: t("Del"), Backspace: "⌫",
  Enter: t("Enter"), Tab: t("Tab"), PageUp: t("Page up"), PageDown: t("Page down"),
});

function shown(chord: string): string[] {
  const sign = signs();
  const parts = chord.endsWith("++") ? [...chord.slice(0, -2).split("+"), "+"] : chord.split("+");
  return parts.map((one) => (one === "Ctrl" ? t("Ctrl") : one === "Shift" ? t("Shift") : one === "Alt" ? t("Alt") : sign[one] || one));
}

function KeyList() {
  const window_ = useRef<HTMLDialogElement>(null), close = () => { asked.value = null; };
  useEffect(() => { window_.current?.showModal(); }, []);
  const parts = new Map<string, Map<string, string[]>>();
  for (const one of keys()) {
    const rows = parts.get(one.part) || new Map<string, string[]>();
    rows.set(one.title, [...(rows.get(one.title) || []), ...one.keys]);
    parts.set(one.part, rows);
  }
  return (
    <dialog ref={window_} class="keylist" aria-labelledby="keylist-title" onClose={close}>
      <h2 id="keylist-title">{t("All keys")}</h2>
      <p class="hint">{t("A scanner never sets them off: what it reads is shown on the label.")}</p>
      <div class="columns">
        {[...parts].map(([part, rows]) => (
          <section key={part}>
            <h3>{part}</h3>
            <dl>
              {[...rows].map(([title, chords]) => (
                <div key={title}>
                  <dt>{title}</dt>
                  <dd>{chords.map((one, n) => <span key={one}>{n > 0 && " "}{shown(one).map((part) => <kbd key={part}>{part}</kbd>)}</span>)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <p><button class="primary" onClick={() => window_.current?.close()}>{t("Close")}</button></p>
    </dialog>
  );
}

export function showKeys(): void {
  asked.value = () => <KeyList />;
}
