// "Print only when …": a list of tests that a person builds ↔ the gateway's language of conditions
// (gateway/templates/expressions.py). What is more than a list of tests is kept as it is written.

export type Verb = "is" | "is not" | "empty" | "not empty" | "contains" | "not contains";
export interface Test { name: string; verb: Verb; value: string }
export interface Tests { joint: "and" | "or"; tests: readonly Test[] }

const WORD = /\s*(?:'([^']*)'|(==|!=)|([A-Za-z][A-Za-z0-9_]*))/y;

interface Word { text: string; quoted: boolean }

function words(source: string): Word[] | null {
  const found: Word[] = [];
  WORD.lastIndex = 0;
  const end = source.trimEnd().length;
  while (WORD.lastIndex < end) {
    const match = WORD.exec(source);
    if (!match) return null;
    found.push({ text: match[1] ?? match[2] ?? match[3]!, quoted: match[1] !== undefined });
  }
  return found;
}

const RESERVED = ["and", "or", "not", "empty", "==", "!="];

// The tests of a condition; null when it is more than a list of them.
export function parse(source: string): Tests | null {
  const left = words(source), tests: Test[] = [];
  if (!left) return null;
  let joint: "and" | "or" | "" = "";
  while (left.length) {
    if (tests.length) {
      const by = left.shift()!;
      if (by.quoted || (by.text !== "and" && by.text !== "or") || (joint && by.text !== joint)) return null;
      joint = by.text;
    }
    const name = left.shift();
    if (!name || name.quoted || RESERVED.includes(name.text)) return null;
    const not = plain(left[0], "not") && left.shift() !== undefined, verb = left.shift();
    if (!verb || verb.quoted) return null;
    if (verb.text === "empty") {
      tests.push({ name: name.text, verb: not ? "not empty" : "empty", value: "" });
      continue;
    }
    const value = left.shift();
    if (!value || !value.quoted) return null;
    if (verb.text === "contains") tests.push({ name: name.text, verb: not ? "not contains" : "contains", value: value.text });
    else if (!not && verb.text === "==") tests.push({ name: name.text, verb: "is", value: value.text });
    else if (!not && verb.text === "!=") tests.push({ name: name.text, verb: "is not", value: value.text });
    else return null;
  }
  return { joint: joint || "and", tests };
}

function plain(word: Word | undefined, text: string): boolean {
  return word !== undefined && !word.quoted && word.text === text;
}

// A quote has no way into a quoted text, so it is left out.
export function write({ joint, tests }: Tests): string {
  return tests.map(({ name, verb, value }) => {
    const quoted = `'${value.replace(/'/g, "")}'`;
    switch (verb) {
      case "is": return `${name} == ${quoted}`;
      case "is not": return `${name} != ${quoted}`;
      case "contains": return `${name} contains ${quoted}`;
      case "not contains": return `${name} not contains ${quoted}`;
      case "empty": return `${name} empty`;
      case "not empty": return `${name} not empty`;
    }
  }).join(` ${joint} `);
}
