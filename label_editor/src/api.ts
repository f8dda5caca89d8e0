// One way to the gateway: JSON in, JSON out; a refusal is its sentence, silence is "away".

export class Refused extends Error {
  constructor(readonly status: number, readonly said: { detail?: string; [key: string]: any }) {
    super(said.detail || String(status));
  }
}

export class Away extends Error {}

export interface Answer<T> { body: T; etag: string; status: number }

export async function ask<T = any>(
  method: string, path: string, body?: unknown, headers: Record<string, string> = {},
): Promise<Answer<T>> {
  let said: Response;
  try {
    said = await fetch(path, {
      method,
      headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Away();
  }
  // A proxy in front of a gateway that is gone answers for it.
  if (said.status === 502 || said.status === 504) throw new Away();
  const json = (said.headers.get("content-type") || "").includes("json");
  const answer = json ? await said.json() : await said.text();
  if (!said.ok) throw new Refused(said.status, json ? answer : { detail: String(said.status) });
  return { body: answer as T, etag: said.headers.get("etag") || "", status: said.status };
}
