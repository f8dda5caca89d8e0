import "./editor.css";
import { render } from "preact";
import { App } from "./app";
import { begin } from "./session";
import { listen } from "./hotkeys";
import { speak } from "./words";

const about = JSON.parse(document.getElementById("about")!.textContent!);
speak(about.words);
document.documentElement.lang = about.language;
const place = document.getElementById("editor")!;
void begin(about).then(() => { render(<App />, place); listen(); });
