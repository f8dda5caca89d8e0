// What is done to whole elements: align them, space them, make them equal, order, group and lock.

import { align, distribute, duplicate, group, lock, order, remove, sameSize, turn, ungroup } from "./actions";
import { icons, type IconName } from "./icons";
import { selected } from "./label";
import { t } from "./words";

interface Tool { title: string; icon: IconName; act: () => void; off?: boolean; key?: string; pressed?: boolean }

function Tools({ title, tools }: { title: string; tools: readonly Tool[] }) {
  return (
    <div class="pick" role="group" aria-label={title}>
      {tools.map((tool) => {
        const Picture = icons[tool.icon];
        return (
          <button
            key={tool.icon} type="button" disabled={tool.off} aria-label={tool.title} aria-pressed={tool.pressed}
            aria-keyshortcuts={tool.key} title={tool.key ? `${tool.title} (${tool.key.replace("Control", "Ctrl")})` : tool.title} onClick={tool.act}
          ><Picture /></button>
        );
      })}
    </div>
  );
}

export function Arrange() {
  const list = selected.value, several = list.length > 1, grouped = list.some((one) => one.group), locked = list.every((one) => one.locked);
  return (
    <div class="arrange" role="toolbar" aria-label={t("Arrange")}>
      <Tools title={t("Align")} tools={[
        { title: several ? t("Align left") : t("To the left edge"), icon: "left", act: () => align("left"), key: "Alt+L" },
        { title: t("Center across"), icon: "center", act: () => align("center"), key: "Alt+C" },
        { title: several ? t("Align right") : t("To the right edge"), icon: "right", act: () => align("right"), key: "Alt+R" },
        { title: several ? t("Align at the top") : t("To the top edge"), icon: "top", act: () => align("top"), key: "Alt+T" },
        { title: t("Center in height"), icon: "middle", act: () => align("middle"), key: "Alt+M" },
        { title: several ? t("Align at the bottom") : t("To the bottom edge"), icon: "bottom", act: () => align("bottom"), key: "Alt+B" },
      ]} />
      {several && (
        <Tools title={t("Gaps, sizes and groups")} tools={[
          { title: t("Equal gaps across"), icon: "across", act: () => distribute("across"), off: list.length < 3 },
          { title: t("Equal gaps down"), icon: "down", act: () => distribute("down"), off: list.length < 3 },
          { title: t("Same width"), icon: "wide", act: () => sameSize("width") },
          { title: t("Same height"), icon: "high", act: () => sameSize("height") },
          grouped
            ? { title: t("Ungroup"), icon: "ungroup", act: ungroup, key: "Control+G" }
            : { title: t("Group"), icon: "group", act: group, key: "Control+G" },
        ]} />
      )}
      <Tools title={t("Order and more")} tools={[
        { title: t("To the front"), icon: "front", act: () => order("top"), key: "Control+Shift+]" },
        { title: t("To the back"), icon: "back", act: () => order("bottom"), key: "Control+Shift+[" },
        { title: t("Turn"), icon: "turn", act: turn, key: "R", off: locked },
        { title: t("Lock"), icon: locked ? "lock" : "unlock", act: lock, key: "Control+L", pressed: locked },
        { title: t("Duplicate"), icon: "copy", act: duplicate, key: "Control+D" },
        { title: t("Delete"), icon: "gone", act: remove, key: "Delete", off: locked },
      ]} />
    </div>
  );
}
