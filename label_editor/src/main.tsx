import "./editor.css";
import { render } from "preact";
import { App } from "./app";
import { begin } from "./session";
import { listen } from "./hotkeys";
import { speak } from "./words";

const place = document.getElementById("editor")!;
const about = JSON.parse(place.dataset.about!);
speak(about.words);
document.documentElement.lang = about.language;
void begin(about).then(() => { render(<App />, place); listen(); });
