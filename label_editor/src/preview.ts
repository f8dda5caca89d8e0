// The exact picture of a label, as the gateway draws it for a head.

import { Away, Refused } from "./api";

export async function preview(body: Record<string, unknown>): Promise<Blob> {
  let said: Response;
  try {
    said = await fetch("/v1/preview?format=png", {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
    });
  } catch {
    throw new Away();
  }
  if (said.ok) return said.blob();
  const json = (said.headers.get("content-type") || "").includes("json");
  throw new Refused(said.status, json ? await said.json() : { detail: String(said.status) });
}

export async function base64(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  for (let n = 0; n < bytes.length; n += 0x8000) text += String.fromCharCode(...bytes.subarray(n, n + 0x8000));
  return btoa(text);
}
