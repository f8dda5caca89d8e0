// The keys of what is done with the whole label, and what a scanner sends: saving, printing, the
// record that is shown.

import { effect } from "@preact/signals";
import { scanned } from "./bursts";
import { asked } from "./dialogs";
import { showKeys } from "./keylist";
import { also } from "./keys";
import { PrintLabel, PrintTest } from "./printing";
import { look, step } from "./records";
import { t } from "./words";
import { saveNow } from "./versions";

export function listen(): void {
  const part = t("The label and its record");
  also(
    { keys: ["Ctrl+S"], title: t("Save now; it is saved by itself, too"), part, where: "anywhere", does: () => void saveNow() },
    { keys: ["Ctrl+P"], title: t("Print"), part, where: "anywhere", does: () => { asked.value = PrintLabel; } },
    { keys: ["Ctrl+Enter"], title: t("Test print"), part, where: "anywhere", does: () => { asked.value = PrintTest; } },
    { keys: ["PageUp"], title: t("Previous record"), part, does: () => void step(-1) },
    { keys: ["PageDown"], title: t("Next record"), part, does: () => void step(1) },
    { keys: ["?"], title: t("These keys"), part: t("What is seen"), does: showKeys },
  );
  effect(() => { if (scanned.value) void look(scanned.value.text); });
}
