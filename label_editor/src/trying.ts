// Something that is sent while a dialog is open: once at a time, and what was refused is said.

import { useState } from "preact/hooks";
import { Away, Refused } from "./api";
import { t } from "./words";

// A name for one wish, so that asking twice does it once.
export function once(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => n.toString(16).padStart(2, "0")).join("");
}

export function useTrying(): { busy: boolean; refused: string; attempt: (work: () => Promise<unknown>) => Promise<void> } {
  const [busy, work_on] = useState(false), [refused, refuse] = useState("");
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    if (busy) return;
    work_on(true);
    refuse("");
    try {
      await work();
    } catch (error) {
      if (error instanceof Refused) refuse(error.message);
      else if (error instanceof Away) refuse(t("Not connected. Try again when the gateway answers."));
      else throw error;
    } finally {
      work_on(false);
    }
  };
  return { busy, refused, attempt };
}
