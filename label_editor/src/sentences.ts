// A refusal in the words of whoever stands at the printer, made of its facts; what has no words here
// is said as the gateway says it.

import { called } from "./fixes";
import { unit } from "./session";
import { size } from "./tiles";
import { density, say, toUm } from "./units";
import { t } from "./words";

interface Said { code: string; element: string | null; sentence: string; facts?: Record<string, unknown> }

function edge(name: unknown): string {
  switch (name) {
    case "left": return t("left");
    case "right": return t("right");
    case "top": return t("top");
    default: return t("bottom");
  }
}

export function sentence(one: Said): string {
  const f = one.facts || {}, u = unit.value;
  const length = (um: unknown): string => `${say(Number(um), u)} ${u}`;
  const bar = (dots: unknown): string => length(toUm(Number(dots), density(size.value.density)));
  switch (one.code) {
    case "not-scannable":
      if (typeof f.read === "string") return t("A scanner would read “%(read)s” instead of “%(content)s”.", { read: f.read, content: String(f.content) });
      if (f.least !== undefined) return t("Too narrow to scan: %(dots)s dots per bar, %(mm)s. At least %(least)s dots are needed.", { dots: String(f.module), mm: bar(f.module), least: String(f.least) });
      if (f.edge !== undefined && f.needed !== undefined) return t("Too near the %(edge)s edge: a scanner needs %(needed)s free there, %(missing)s more than there is.", { edge: edge(f.edge), needed: length(f.needed), missing: length(f.missing) });
      if (f.other !== undefined && f.other === one.element) return t("Its own text is too near: a scanner needs %(needed)s free.", { needed: length(f.needed) });
      if (f.other !== undefined && f.needed !== undefined) return t("%(other)s is too near: a scanner needs %(needed)s free there.", { other: called(String(f.other)), needed: length(f.needed) });
      if (f.other !== undefined) return t("%(other)s stands on the code.", { other: called(String(f.other)) });
      if (f.height !== undefined) return t("The bars are too low to aim a scanner at.");
      if (f.module !== undefined) return t("There is not enough room for bars of %(dots)s dots.", { dots: String(f.module) });
      return one.sentence;
    case "text-does-not-fit": return f.text === undefined ? one.sentence : t("“%(text)s” does not fit into its place.", { text: String(f.text) });
    case "off-the-label":
      if (f.edge !== undefined) return t("It runs %(over)s off the %(edge)s edge of the label.", { over: length(f.over), edge: edge(f.edge) });
      if (f.head !== undefined) return t("The label is wider than this printer can print: %(width)s, and its head has %(head)s.", { width: bar(f.width), head: bar(f.head) });
      return one.sentence;
    default: return one.sentence;
  }
}
