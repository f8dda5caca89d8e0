// Pictures: chosen from this computer, small ones kept in the label itself, others by the gateway.

import { useState } from "preact/hooks";
import type { Size } from "./boxes";
import { ask, Refused } from "./api";
import { shared } from "./defaults";
import { Choice, Decimal } from "./inputs";
import { saved_ } from "./label";
import { tell } from "./said";
import { set } from "./setting";
import { size } from "./tiles";
import type { ImageElement } from "./types";
import { density, toUm } from "./units";
import { t } from "./words";

const KINDS = "image/png,image/jpeg,image/bmp,image/gif,image/webp";
const INLINE = 24_000; // bytes: larger ones would make every saving of the label slow

export interface Chosen { picture: string; size: Size }

// Ask for a file; null when none was chosen or the gateway would not have it.
export function choosePicture(): Promise<Chosen | null> {
  return new Promise((answer) => {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = KINDS;
    input.id = "picture-file";
    input.hidden = true;
    const done = (found: Chosen | null): void => {
      input.remove();
      answer(found);
    };
    input.onchange = () => void (input.files?.[0] ? keep(input.files[0]).then(done) : done(null));
    input.oncancel = () => done(null);
    document.body.append(input);
    input.click();
  });
}

// Keep a picture, and say how large it would be with a dot for each of its dots.
export async function keep(file: Blob & { name?: string }): Promise<Chosen | null> {
  if (!KINDS.split(",").includes(file.type)) {
    tell(t("A picture must be a PNG, JPEG, BMP, GIF or WebP file."), "refused");
    return null;
  }
  try {
    return { picture: file.size <= INLINE ? await inline(file) : await upload(file), size: await sizeOf(file) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    tell(error instanceof Refused ? error.message : t("The picture could not be kept: the gateway does not answer."), "refused");
    return null;
  }
}

function inline(file: Blob): Promise<string> {
  return new Promise((answer, refuse) => {
    const reader = new FileReader();
    reader.onload = () => answer(String(reader.result));
    reader.onerror = () => refuse(reader.error);
    reader.readAsDataURL(file);
  });
}

async function upload(file: Blob & { name?: string }): Promise<string> {
  const content = (await inline(file)).split(",")[1];
  const { body } = await ask<{ ref: string }>("POST", "/v1/assets", { content, name: (file.name || "").slice(0, 100) });
  return body.ref;
}

async function sizeOf(file: Blob): Promise<Size> {
  const stock = saved_.value.size, at = density(size.value.density);
  let wide = stock.width / 4, high = wide;
  try {
    const bitmap = await createImageBitmap(file);
    wide = toUm(bitmap.width, at);
    high = toUm(bitmap.height, at);
    bitmap.close();
  } catch { /* the gateway reads kinds that this browser does not */ }
  const smaller = Math.min(1, stock.width / 2 / wide, stock.height / 2 / high);
  return { width: Math.max(1000, Math.round(wide * smaller)), height: Math.max(1000, Math.round(high * smaller)) };
}

export function PictureContent({ chosen }: { chosen: readonly ImageElement[] }) {
  const [busy, wait] = useState(false), dither = shared(chosen, "dither"), threshold = shared(chosen, "threshold");
  const other = async (): Promise<void> => {
    wait(true);
    const found = await choosePicture();
    wait(false);
    if (found) set(t("Another picture"), { picture: found.picture });
  };
  return (
    <>
      <p class="buttons"><button type="button" disabled={busy} onClick={() => void other()}>{t("Another picture")}</button></p>
      <Choice
        label={t("Greys become")} value={dither} set={(value) => set(t("Greys"), { dither: value })}
        choices={[
          ["threshold", t("Black or white, for logos and drawings")], ["floyd-steinberg", t("Fine dots, for photographs")],
          ["atkinson", t("Light dots with clear edges")], ["ordered", t("An even pattern")],
        ]}
      />
      {dither === "threshold" && (
        <>
          <div class="put">
            <label for="threshold">{t("Light or dark")}</label>
            <input
              id="threshold" type="range" min={1} max={255} value={threshold ?? 128} aria-valuetext={t("%(n)s of 255", { n: threshold ?? 128 })}
              onInput={(event) => set(t("Light or dark"), { threshold: Number(event.currentTarget.value) }, "threshold")}
            />
          </div>
          <Decimal label={t("Black up to")} unit={t("of 255")} value={threshold} least={1} most={255} set={(value) => set(t("Light or dark"), { threshold: Math.round(value) }, "threshold")} />
        </>
      )}
    </>
  );
}
