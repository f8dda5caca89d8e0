// Draws each symbol of `wanted` with bwip-js and writes symbols.json: see README.md.
const { writeFileSync } = require("fs");
const bwip = require("bwip-js");

const gtin = "(01)09501101530003";
const more = gtin + "(21)SN-712345(10)ABCDEF";
const weight = "(01)90012345678908(3103)012233(15)991231";
// our name, our content, our options, the other library's name, its text and options
const wanted = [
  ["code93", "SN-000123 $/+%", {}, "code93", "SN-000123 $/+%", { includecheck: true }],
  ["code93", "lower {x}~", {}, "code93ext", "lower {x}~", { includecheck: true }],
  ["codabar", "A0123456789B", {}, "rationalizedCodabar", "A0123456789B", {}],
  ["codabar", "C-$:/.+D", {}, "rationalizedCodabar", "C-$:/.+D", {}],
  ["micro-qr", "12345", { error_correction: "L" }, "microqrcode", "12345", { eclevel: "L" }],
  ["micro-qr", "PARTBIN", { error_correction: "M" }, "microqrcode", "PARTBIN", { eclevel: "M" }],
  ["micro-qr", "Bin a7", { error_correction: "Q" }, "microqrcode", "Bin a7", { eclevel: "Q" }],
  ["aztec", "LABEL ONE", {}, "azteccode", "LABEL ONE", { format: "compact", layers: 1 }],
  ["aztec", "12345678901234567890", { error_percent: 50 }, "azteccode", "12345678901234567890", { format: "compact", layers: 2 }],
  ["aztec", "Where is the stock of item a", {}, "azteccode", "Where is the stock of item a", { format: "compact", layers: 2 }],
  ["pdf417", "ABCDEFGHIJKLMNOP", { columns: 3, security_level: 2 }, "pdf417", "ABCDEFGHIJKLMNOP", { columns: 3, eclevel: 2 }],
  ["pdf417", "01234567890123456789", { columns: 4, security_level: 4, row_height: 4 }, "pdf417", "01234567890123456789", { columns: 4, eclevel: 4, rowmult: 4 }],
  ["compact-pdf417", "ABCDEFGHIJKLMNOP", { columns: 2, security_level: 2 }, "pdf417compact", "ABCDEFGHIJKLMNOP", { columns: 2, eclevel: 2 }],
  ["micropdf417", "ABCDEFGH", { columns: 2 }, "micropdf417", "ABCDEFGH", { columns: 2 }],
  ["micropdf417", "0123456789012345", { columns: 4 }, "micropdf417", "0123456789012345", { columns: 4 }],
  ["databar-omni", gtin, {}, "databaromni", gtin, {}],
  ["databar-omni", "(01)24012345678905", {}, "databaromni", "(01)24012345678905", {}],
  ["databar-truncated", gtin, {}, "databartruncated", gtin, {}],
  ["databar-stacked", gtin, {}, "databarstacked", gtin, {}],
  ["databar-stacked", "(01)00012345678905", {}, "databarstacked", "(01)00012345678905", {}],
  ["databar-stacked-omni", gtin, {}, "databarstackedomni", gtin, {}],
  ["databar-stacked-omni", "(01)00034567890125", {}, "databarstackedomni", "(01)00034567890125", {}],
  ["databar-limited", gtin, {}, "databarlimited", gtin, {}],
  ["databar-limited", "(01)15012345678907", {}, "databarlimited", "(01)15012345678907", {}],
  ["databar-expanded", more, {}, "databarexpanded", more, {}],
  ["databar-expanded", weight, {}, "databarexpanded", weight, {}],
  ["databar-expanded-stacked", more, {}, "databarexpandedstacked", more, { segments: 4 }],
  ["databar-expanded-stacked", more, { segments: 6 }, "databarexpandedstacked", more, { segments: 6 }],
  ["databar-expanded-stacked", weight, { segments: 2 }, "databarexpandedstacked", weight, { segments: 2 }],
];

const symbols = wanted.map(([symbology, content, options, bcid, text, choices]) => {
  const [drawn] = bwip.raw({ bcid, text, ...choices });
  const lines = [];
  if (drawn.sbs) {
    const bars = drawn.sbs.map((width, i) => (i % 2 ? "." : "#").repeat(width)).join("");
    lines.push(bcid.endsWith("Codabar") ? bars.slice(0, -1) : bars); // it ends in a gap there
  } else {
    // Rows of stacked symbols come once each, however high they are.
    for (let y = 0; y < drawn.pixs.length / drawn.pixx; y++) {
      const row = drawn.pixs.slice(y * drawn.pixx, (y + 1) * drawn.pixx);
      lines.push(row.map((module) => (module ? "#" : ".")).join(""));
    }
  }
  return { symbology, content, options, rows: lines };
});
writeFileSync("symbols.json", JSON.stringify(symbols, null, 1) + "\n");
