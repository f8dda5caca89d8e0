// What is the matter with the label, in words, and what mends it with one touch.

import { change, edit, find, select } from "./label";
import { kind } from "./names";
import { announce } from "./said";
import { unit } from "./session";
import type { Fix, Problem } from "./types";
import { say } from "./units";
import { t } from "./words";

// The elements a problem is about, the one that is wrong first.
export function about({ element, facts }: Problem): string[] {
  return [element, facts.other].filter((one): one is string => typeof one === "string" && !!find(one));
}

export function called(id: string): string {
  const one = find(id);
  if (!one) return id;
  const says = one.title || ("content" in one ? one.content : "");
  return says ? t("%(kind)s “%(says)s”", { kind: kind(one), says: says.length > 30 ? `${says.slice(0, 29)}…` : says }) : kind(one);
}

// What a fix does, on its button. `of` is the element the problem is about.
export function titleOf({ kind, value, set }: Fix, of: string | null = null): string {
  const u = unit.value, facts = { to: say(value, u), unit: u }, [id, keys] = Object.entries(set)[0] || ["", {}];
  switch (kind) {
    case "width": return t("Make it %(to)s %(unit)s wide", facts);
    case "height": return t("Make it %(to)s %(unit)s high", facts);
    case "size": {
      const { width, height } = keys as { width?: number; height?: number };
      return width && height
        ? t("Make it %(width)s × %(height)s %(unit)s", { width: say(width, u), height: say(height, u), unit: u })
        : t("Make it larger");
    }
    case "shrink": return t("Let its letters shrink to %(to)s %(unit)s", facts);
    case "module": return t("Make its bars %(to)s %(unit)s", facts);
    case "move": return id === of || !find(id)
      ? t("Move it by %(to)s %(unit)s", facts)
      : t("Move %(what)s by %(to)s %(unit)s", { ...facts, what: called(id) });
    case "wrap": return t("Let it wrap");
    case "remove": return t("Delete it");
    default: return t("Mend it");
  }
}

// One undo step, by one touch.
export function mend(fix: Fix): void {
  const title = titleOf(fix);
  edit(title, (document) => change(document, fix.set));
  select(...Object.keys(fix.set));
  announce(t("Done: %(what)s", { what: title }));
}
