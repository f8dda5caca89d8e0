// The keys of what is done with the whole label: saving, printing, the record that is shown.

import { asked } from "./dialogs";
import { PrintLabel, PrintTest } from "./printing";
import { step } from "./records";
import { saveNow } from "./versions";

export function listen(): void {
  addEventListener("keydown", (event) => {
    if (asked.value) return;
    const one = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey ? `Ctrl+${event.key}` : event.key;
    const typing = (event.target as HTMLElement).closest?.("input, textarea, select");
    switch (one) {
      case "Ctrl+s": void saveNow(); break;
      case "Ctrl+p": asked.value = PrintLabel; break;
      case "Ctrl+Enter": asked.value = PrintTest; break;
      case "PageUp": case "PageDown":
        if (typing) return;
        void step(one === "PageDown" ? 1 : -1);
        break;
      default: return;
    }
    event.preventDefault();
  });
}
