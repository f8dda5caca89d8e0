// The editor's texts: English here, the other languages in the gateway's one table of words, from
// which the page brings those that stand in a call of `t` or `tn` (vite.config.mjs lists them).

let words: Record<string, string> = {};

export function speak(found: Record<string, string>): void {
  words = found;
}

export function t(text: string, facts: Record<string, string | number> = {}): string {
  return (words[text] || text).replace(/%\(([a-z_]+)\)s/g, (_, name: string) => String(facts[name] ?? ""));
}

export function tn(one: string, several: string, n: number, facts: Record<string, string | number> = {}): string {
  return t(n === 1 ? one : several, { n, ...facts });
}
