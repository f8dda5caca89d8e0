// What stands between braces in a content, as gateway/templates/expressions.py reads it: a name, an
// offset of days, and filters. What cannot be read here is left as it is; the gateway says why.

export interface Filter { name: string; args: readonly string[] }
export type Span = "d" | "w" | "m" | "y";
export interface Reference { name: string; count: number; span: Span; filters: readonly Filter[] }
export type Piece = string | Reference;

const HEAD = /^\s*([A-Za-z][A-Za-z0-9_]{0,63})\s*(?:([+-])\s*([0-9]{1,4})([dwmy]))?\s*$/;

export function parse(source: string): Piece[] | null {
  const pieces: Piece[] = [];
  let text = "";
  for (let at = 0; at < source.length;) {
    const two = source.slice(at, at + 2);
    if (two === "{{" || two === "}}") {
      text += two[0];
      at += 2;
    } else if (source[at] === "{") {
      const end = closing(source, at + 1), found = end < 0 ? null : reference(source.slice(at + 1, end));
      if (!found) return null;
      if (text) pieces.push(text);
      text = "";
      pieces.push(found);
      at = end + 1;
    } else if (source[at] === "}") {
      return null;
    } else {
      text += source[at];
      at += 1;
    }
  }
  if (text) pieces.push(text);
  return pieces;
}

function closing(source: string, from: number): number {
  let quoted = false;
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === "'") quoted = !quoted;
    else if (source[at] === "}" && !quoted) return at;
  }
  return -1;
}

function split(text: string, separator: string): string[] {
  const pieces = [""];
  let quoted = false;
  for (const character of text) {
    if (character === "'") quoted = !quoted;
    if (character === separator && !quoted) pieces.push("");
    else pieces[pieces.length - 1] += character;
  }
  return pieces;
}

function reference(text: string): Reference | null {
  const [head, ...steps] = split(text, "|"), match = HEAD.exec(head!);
  if (!match) return null;
  const [, name, sign, count, span] = match;
  const filters = steps.map((one) => {
    const step = one.trim(), colon = step.indexOf(":"), called = (colon < 0 ? step : step.slice(0, colon)).trim();
    const rest = colon < 0 ? null : step.slice(colon + 1);
    // A date's form has colons of its own.
    const args = rest === null ? [] : called === "date" ? [rest] : split(rest, ":").map(unquoted);
    return { name: called, args };
  });
  return { name: name!, count: count ? Number(sign + count) : 0, span: (span || "d") as Span, filters };
}

function unquoted(text: string): string {
  const inner = text.trim();
  return inner.length > 1 && inner[0] === "'" && inner[inner.length - 1] === "'" ? inner.slice(1, -1) : text;
}

export function write(pieces: readonly Piece[]): string {
  return pieces.map((one) => (typeof one === "string" ? plain(one) : wrapped(one))).join("");
}

// A text in which a brace stands for itself.
export function plain(text: string): string {
  return text.replace(/[{}]/g, "$&$&");
}

function wrapped(one: Reference): string {
  const offset = one.count ? `${one.count > 0 ? "+" : "-"}${Math.abs(one.count)}${one.span}` : "";
  const steps = one.filters.map(({ name, args }) =>
    ["", ...[name, ...args.map((arg) => (name === "date" ? arg : quoted(arg)))]].slice(1).join(":"));
  return `{${[one.name + offset, ...steps].join("|")}}`;
}

// There is no way to write a quote inside quotes.
function quoted(text: string): string {
  const bare = text.replace(/'/g, "");
  return /[:|{}]|^\s|\s$/.test(bare) ? `'${bare}'` : bare;
}

export function references(source: string): Reference[] {
  return (parse(source) || []).filter((one): one is Reference => typeof one !== "string");
}

export function filter(one: Reference, ...names: string[]): Filter | undefined {
  return one.filters.find((step) => names.includes(step.name));
}

// The order in which a person means them: a part of it, then its letters, then its width.
const ORDER = ["date", "trim", "left", "right", "mid", "upper", "lower", "pad", "pad_right", "default"];

// The reference with one of `names` replaced by a filter, or without any of them.
export function filtered(one: Reference, names: readonly string[], step: Filter | null): Reference {
  const at = one.filters.findIndex((known) => names.includes(known.name));
  const rest = one.filters.filter((known) => !names.includes(known.name));
  if (!step) return { ...one, filters: rest };
  if (at >= 0) return { ...one, filters: [...one.filters.slice(0, at).filter((known) => !names.includes(known.name)), step, ...one.filters.slice(at + 1).filter((known) => !names.includes(known.name))] };
  const behind = rest.findIndex((known) => ORDER.indexOf(known.name) > ORDER.indexOf(step.name));
  return { ...one, filters: behind < 0 ? [...rest, step] : [...rest.slice(0, behind), step, ...rest.slice(behind)] };
}
