// A GS1 element string "(01){gtin}(21)SN-7" as rows of identifier and value, and back.

import { parse as pieces, write as joined } from "./expressions.ts";

export interface Row { ai: string; value: string }

// The rows of a content; null when it is none, such as a field that brings the whole string.
export function parse(content: string): Row[] | null {
  const rows: Row[] = [];
  let at = 0, braces = 0;
  while (at < content.length) {
    const match = /^\(([0-9]{0,4})\)/.exec(content.slice(at));
    if (!match) return null;
    at += match[0].length;
    let value = "";
    for (braces = 0; at < content.length; at += 1) {
      const character = content[at]!;
      if (character === "{") braces += 1;
      if (character === "}") braces -= 1;
      if (braces <= 0 && character === "\\" && /[()]/.test(content[at + 1] || "")) {
        value += content[at += 1];
        continue;
      }
      if (braces <= 0 && character === "(") break;
      value += character;
    }
    rows.push({ ai: match[1]!, value });
  }
  return rows;
}

export function write(rows: readonly Row[]): string {
  return rows.map(({ ai, value }) => `(${ai})${escaped(value)}`).join("");
}

// Parentheses of a value, but not those between braces.
function escaped(value: string): string {
  const read = pieces(value);
  if (!read) return value;
  return read.map((one) => (typeof one === "string" ? joined([one]).replace(/[()]/g, "\\$&") : joined([one]))).join("");
}

// GS1 General Specifications, 7.9.1: weights 3, 1, 3, … from the right.
export function checkDigit(digits: string): string {
  let sum = 0;
  for (let n = 0; n < digits.length; n += 1) sum += Number(digits[digits.length - 1 - n]) * (n % 2 ? 1 : 3);
  return String((10 - (sum % 10)) % 10);
}

// What was probably meant by digits that end in a check digit: the whole number; "" when it is right
// or nobody can know.
export function meant(digits: string, length: number): string {
  if (!/^[0-9]+$/.test(digits)) return "";
  if (digits.length === length - 1) return digits + checkDigit(digits);
  if (digits.length !== length) return "";
  const right = digits.slice(0, -1) + checkDigit(digits.slice(0, -1));
  return right === digits ? "" : right;
}
