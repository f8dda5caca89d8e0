// What an element is called where people read or hear it: its kind, what it says, where it stands.

import { say } from "./units";
import type { Drawn, Element } from "./types";
import { t } from "./words";

export function kind(one: Element): string {
  switch (one.type) {
    case "text": return t("Text");
    case "barcode": return t("Barcode");
    case "image": return t("Picture");
    case "box": return t("Box");
    case "line": return t("Straight line");
    case "ellipse": return t("Ellipse");
    case "raw": return t("Printer commands");
  }
}

export function described(one: Element, drawn: Drawn | undefined, unit: "mm" | "in"): string {
  const says = one.title || drawn?.says || ("content" in one ? one.content : "");
  const facts = {
    kind: kind(one), says: says.length > 60 ? `${says.slice(0, 57)}…` : says, unit,
    x: say(one.x, unit), y: say(one.y, unit), width: say(one.width, unit), height: say(one.height, unit),
  };
  return says
    ? t("%(kind)s %(says)s, %(x)s %(unit)s from left, %(y)s %(unit)s from top, %(width)s by %(height)s %(unit)s", facts)
    : t("%(kind)s, %(x)s %(unit)s from left, %(y)s %(unit)s from top, %(width)s by %(height)s %(unit)s", facts);
}
