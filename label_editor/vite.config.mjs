// One script and one style sheet with names that do not change: the page asks for them by what is in
// them (?v=…), and what is built stands in the repository.
import { readFileSync, readdirSync } from "node:fs";
import { defineConfig } from "vite";

const TEXT = /\bt\(\s*"((?:[^"\\]|\\.)*)"/g;
const SEVERAL = /\btn\(\s*"((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)"/g;

// What the editor says, so that the page brings these words and no others in its language.
function texts() {
  const found = new Set();
  for (const name of readdirSync("src").sort()) {
    const source = readFileSync(`src/${name}`, "utf-8");
    for (const match of source.matchAll(TEXT)) found.add(JSON.parse(`"${match[1]}"`));
    for (const match of source.matchAll(SEVERAL)) {
      found.add(JSON.parse(`"${match[1]}"`));
      found.add(JSON.parse(`"${match[2]}"`));
    }
  }
  return [...found].sort();
}

export default defineConfig({
  base: "./",
  // h() with its children one by one is shorter than what a compiler writes by itself.
  oxc: {
    jsx: { runtime: "classic", pragma: "jsx_", pragmaFrag: "Fragment_" },
    jsxInject: 'import { h as jsx_, Fragment as Fragment_ } from "preact"',
  },
  build: {
    outDir: "static",
    emptyOutDir: true,
    target: "es2020",
    modulePreload: false,
    rollupOptions: {
      input: "src/main.tsx",
      output: { entryFileNames: "editor.js", assetFileNames: "editor[extname]" },
    },
  },
  plugins: [
    {
      name: "texts",
      generateBundle() {
        this.emitFile({
          type: "asset",
          fileName: "texts.json",
          source: JSON.stringify(texts(), null, 0).replaceAll('","', '",\n"') + "\n",
        });
      },
    },
  ],
});
