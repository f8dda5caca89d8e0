// The label as a file: for a printer, for paper, for a screen, for another gateway.

import { Away, Refused } from "./api";
import { Dialog, shut } from "./dialogs";
import { saved_ } from "./label";
import { fieldsOf } from "./picture";
import { head } from "./tiles";
import { useTrying } from "./trying";
import { t } from "./words";

const KINDS = ["zpl", "escpos", "png", "pdf", "svg", "json"] as const;

function titleOf(kind: (typeof KINDS)[number]): string {
  switch (kind) {
    case "zpl": return t("ZPL, for Zebra printers");
    case "escpos": return t("ESC/POS, for receipt printers");
    case "png": return t("PNG, a picture");
    case "pdf": return t("PDF, for paper");
    case "svg": return t("SVG, a drawing");
    case "json": return t("JSON, for another gateway");
  }
}

// What is on the screen, published or not, goes down as a file.
async function down(kind: string): Promise<void> {
  const document_ = saved_.value;
  let said: Response;
  try {
    said = await fetch(`/v1/templates/export/${kind}`, {
      method: "POST", headers: { "content-type": "application/json" },
      body: JSON.stringify({ document: document_, fields: fieldsOf(document_), ...head.value }),
    });
  } catch {
    throw new Away();
  }
  if (!said.ok) throw new Refused(said.status, await said.json().catch(() => ({ detail: String(said.status) })));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await said.blob());
  link.download = /filename="([^"]+)"/.exec(said.headers.get("content-disposition") || "")?.[1] || `${document_.name}.${kind}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function Export() {
  const { busy, refused, attempt } = useTrying();
  return (
    <Dialog title={t("Save as a file")}>
      <div class="choices">
        {KINDS.map((kind) => <button key={kind} disabled={busy} onClick={() => void attempt(() => down(kind))}>{titleOf(kind)}</button>)}
      </div>
      {refused && <p class="refusal" role="alert">{refused}</p>}
      <footer><button onClick={shut}>{t("Close")}</button></footer>
    </Dialog>
  );
}
