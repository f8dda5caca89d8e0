import "./editor.css";
import { render } from "preact";
import { App } from "./app";
import { begin } from "./opening";
import { listen } from "./hotkeys";
import { speak } from "./words";

const place = document.getElementById("editor")!;
const about = JSON.parse(place.dataset.about!);
document.documentElement.lang = about.language;

async function start(): Promise<void> {
  // Without its words it speaks English, which is better than not at all.
  if (about.words) await fetch(about.words).then((said) => said.json()).then(speak, () => undefined);
  await begin(about);
  render(<App />, place);
  listen();
}

void start();
