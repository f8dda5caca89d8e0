// Which label is open, and where it is kept.

import { signal } from "@preact/signals";
import { ask } from "./api";
import { open } from "./label";
import { follow, head } from "./tiles";
import type { Document } from "./types";
import { t } from "./words";

export const name = signal("");
export const unit = signal<"mm" | "in">("mm");

// Fetch the label and begin to draw it.
export async function begin(wanted: string): Promise<void> {
  const { body } = await ask<{ name: string; document: Document }>("GET", `/v1/templates/${encodeURIComponent(wanted)}`);
  name.value = body.name;
  head.value = { density: 8 };
  open(body.document, t("Opened"));
  follow();
}
