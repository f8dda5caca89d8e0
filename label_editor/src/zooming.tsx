// How large the label is shown: smaller, larger, the whole of it, its actual size, dot for dot.

import { Drop } from "./drop";
import { measureScreen } from "./measuring";
import { actual, exact, fit, zoom, zoomIn, zoomOut } from "./zoom";
import { t } from "./words";

export function Zooming() {
  const percent = `${Math.round(zoom.value * 100)} %`;
  return (
    <div class="together zooming">
      <button class="less" onClick={zoomOut} aria-label={t("Smaller")} title={`${t("Smaller")} (Ctrl −)`}>−</button>
      <Drop id="zoom" title={percent} label={t("Zoom: %(percent)s", { percent })} kind="up">{() => <>
        <button onClick={fit}>{t("The whole label")}</button>
        <button onClick={actual}>{t("Actual size")}</button>
        <button onClick={exact}>{t("One dot is one point of the screen")}</button>
        <button onClick={measureScreen}>{t("Measure this screen")}</button>
        <button onClick={zoomIn}>{t("Larger")}</button>
        <button onClick={zoomOut}>{t("Smaller")}</button>
      </>}</Drop>
      <button class="less" onClick={zoomIn} aria-label={t("Larger")} title={`${t("Larger")} (Ctrl +)`}>+</button>
    </div>
  );
}
