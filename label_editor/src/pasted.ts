// A picture from a file or from the clipboard, put on the label.

import { add } from "./actions";
import { ask, Refused } from "./api";
import { saved_ } from "./label";
import { tell } from "./said";
import { t } from "./words";

const INLINE = 60_000; // characters; larger ones are kept beside the label, once for all its versions
const KINDS = "image/png,image/jpeg,image/bmp,image/gif,image/webp";

export function choosePicture(): void {
  const field = document.createElement("input");
  field.type = "file";
  field.accept = KINDS;
  field.onchange = () => { if (field.files?.[0]) void addPicture(field.files[0]); };
  field.click();
}

function read(file: File): Promise<string> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(file);
  });
}

function measure(url: string): Promise<HTMLImageElement> {
  return new Promise((done, failed) => {
    const picture = new Image();
    picture.onload = () => done(picture);
    picture.onerror = failed;
    picture.src = url;
  });
}

export async function addPicture(file: File): Promise<void> {
  try {
    const url = await read(file), picture = await measure(url), paper = saved_.value.size;
    // As large as a third of the label, and in its own shape.
    const by = Math.min((paper.width * 0.6) / picture.naturalWidth, (paper.height * 0.6) / picture.naturalHeight);
    let ref = url;
    if (url.length > INLINE || !KINDS.split(",").includes(file.type)) {
      const content = url.slice(url.indexOf(",") + 1);
      ref = (await ask<{ ref: string }>("POST", "/v1/assets", { content, name: file.name || "picture" })).body.ref;
    }
    add("image", { picture: ref, width: Math.max(1000, Math.round(picture.naturalWidth * by)), height: Math.max(1000, Math.round(picture.naturalHeight * by)) });
  } catch (error) {
    tell(error instanceof Refused ? error.message : t("This file is no picture that can be printed. Take a PNG or JPEG file."), "refused");
  }
}
