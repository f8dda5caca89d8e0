// A picture of a whole label in a dialog: the gateway's own, never the screen's.

import { useEffect, useState } from "preact/hooks";
import { preview } from "./preview";
import { head, values } from "./tiles";
import type { Document } from "./types";
import { t } from "./words";

// The values of a label's fields, as it takes them: counters and dates are the gateway's.
export function fieldsOf(document: Document): Record<string, string> {
  return Object.fromEntries((document.fields || []).map((one) => [one.name, values.value[one.name] ?? one.example ?? ""]));
}

export function Picture({ document, title }: { document: Document; title: string }) {
  const [source, show] = useState(""), [refused, refuse] = useState("");
  useEffect(() => {
    let here = true, url = "";
    preview({ document, fields: fieldsOf(document), ...head.value }).then(
      (blob) => { if (here) show(url = URL.createObjectURL(blob)); },
      (error: Error) => { if (here) refuse(error.message || t("Not connected.")); },
    );
    return () => { here = false; if (url) URL.revokeObjectURL(url); };
  }, [document]);
  if (refused) return <p class="refusal">{refused}</p>;
  return <div class="paper-frame">{source ? <img src={source} alt={title} /> : <p class="quiet">{t("Drawing…")}</p>}</div>;
}
