// "Actual size" is as true as the screen's own account of its millimetres: a ruler corrects it.

import { useEffect, useRef } from "preact/hooks";
import { asked } from "./dialogs";
import { calibration } from "./habits";
import { read } from "./units";
import { t } from "./words";
import { actual, calibrate } from "./zoom";

function Measuring() {
  const window_ = useRef<HTMLDialogElement>(null), field = useRef<HTMLInputElement>(null);
  useEffect(() => { window_.current?.showModal(); field.current?.select(); }, []);
  const save = (event: Event) => {
    event.preventDefault();
    const um = read(field.current!.value, "mm");
    if (um === null || um < 30000 || um > 300000) { field.current!.focus(); return; }
    calibrate(um / 1000);
    window_.current?.close();
    actual();
  };
  return (
    <dialog ref={window_} class="keylist" aria-labelledby="measuring-title" onClose={() => { asked.value = null; }}>
      <form onSubmit={save}>
        <h2 id="measuring-title">{t("Measure this screen")}</h2>
        <div class="measure" style={{ width: `${10000 / calibration.value}mm` }} />
        <label>{t("How long is this line, in millimetres?")} <input ref={field} inputMode="decimal" defaultValue="100" /></label>
        <p class="buttons"><button class="primary">{t("Save")}</button> <button type="button" onClick={() => window_.current?.close()}>{t("Cancel")}</button></p>
      </form>
    </dialog>
  );
}

export function measureScreen(): void {
  asked.value = () => <Measuring />;
}
