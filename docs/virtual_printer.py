"""The page about the virtual printer: what it understands and how well its ink agrees.

The labels and pictures of ``tests/corpus/zpl`` are the witness: another program drew them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from inspect import getdoc
from io import BytesIO
from pathlib import Path
from statistics import median

from PIL import Image

from gateway.drivers.models import load_models
from gateway.drivers.virtual.canvas import Tile, unpack
from gateway.drivers.virtual.preview import draw_zpl
from gateway.drivers.virtual.printer import FAULTS, LANGUAGES
from gateway.drivers.virtual.usual import usual_make
from gateway.drivers.virtual.zpl.barcodes import SYMBOLS
from gateway.drivers.virtual.zpl.interpreter import CONTROL, FORMAT
from gateway.units import format_density, say_length

CORPUS = Path(__file__).parents[1] / "tests" / "corpus" / "zpl"
TOLERANCES = (1, 3, 10)
"""Dots by which each side of the ink box may differ."""
_APART = 9999
_FAMILIES = {
    "labelary_text_default_images": "text in font 0",
    "labelary_devicefont_images": "text in fonts A to H",
    "labelary_images": "barcodes",
    "labelary_shape_images": "boxes and lines",
}


@dataclass(frozen=True, slots=True)
class Agreement:
    """How one label agrees with the emulator's picture."""

    file: str
    family: str
    apart: int
    """The largest difference of the ink boxes' four sides in dots."""
    overlap: float
    """Dots inked in both, by dots inked in either."""
    unknown: tuple[str, ...]


@cache
def compare_corpus() -> tuple[Agreement, ...]:
    """Return the agreement of each label of the corpus, in the manifest's order."""
    manifest = json.loads((CORPUS / "manifest.json").read_text("utf-8"))
    return tuple(_compare(entry) for entry in manifest["labels"])


def _compare(entry: dict[str, str]) -> Agreement:
    drawn = draw_zpl(
        (CORPUS / entry["file"]).read_bytes(),
        density=int(entry["dots_per_mm"]),
        width_mm=float(entry["width_mm"]),
        height_mm=float(entry["height_mm"]),
    )
    expected = read_picture((CORPUS / entry["expected"]).read_bytes())
    family = _FAMILIES[entry["file"].split("/")[1]]
    if len(drawn) != 1:
        return Agreement(entry["file"], family, _APART, 0.0, ("no label came out",))
    ours, theirs = drawn[0].tile.ink_box(), expected.ink_box()
    if ours is None or theirs is None:
        apart = 0 if ours == theirs else _APART
    else:
        apart = max(abs(a - b) for a, b in zip(ours, theirs, strict=True))
    return Agreement(
        entry["file"], family, apart, _overlap(drawn[0].tile, expected), drawn[0].unknown
    )


def read_picture(png: bytes) -> Tile:
    """Return the dark half of a grey picture as a tile."""
    with Image.open(BytesIO(png)) as opened:
        grey = opened.convert("L")
    stride = (grey.width + 7) // 8
    padded = Image.new("L", (stride * 8, grey.height), 255)
    padded.paste(grey, (0, 0))
    dark = padded.point(lambda level: 255 if level < 128 else 0).convert(
        "1", dither=Image.Dither.NONE
    )
    packed = unpack(dark.tobytes(), stride)
    spare = stride * 8 - grey.width
    return Tile(grey.width, grey.height, tuple(row >> spare for row in packed.rows))


def _overlap(ours: Tile, theirs: Tile) -> float:
    shift = theirs.width - ours.width
    rows = [row << shift if shift >= 0 else row >> -shift for row in ours.rows]
    rows += [0] * (theirs.height - len(rows))
    both = sum((a & b).bit_count() for a, b in zip(rows, theirs.rows, strict=False))
    either = sum((a | b).bit_count() for a, b in zip(rows, theirs.rows, strict=False))
    return both / either if either else 1.0


def _agreement_row(name: str, found: list[Agreement]) -> str:
    within = " | ".join(str(sum(a.apart <= dots for a in found)) for dots in TOLERANCES)
    return f"| {name} | {len(found)} | {within} | {median(a.overlap for a in found):.2f} |"


def _languages() -> str:
    """Return a row for each language: its usual head and labels, and how many models there are."""
    rows = []
    for language in LANGUAGES:
        usual = usual_make(language)
        density = format_density(usual.density)
        head = density if isinstance(density, str) else f"{density} dots per mm"
        labels = f"{say_length(usual.media.width)} × {say_length(usual.media.height)}"
        models = sum(model.language == language for model in load_models().values())
        rows.append(f"| `{language}` | {head} | {labels} | {models} |")
    return "\n".join(rows)


def virtual_printer() -> str:
    """Return docs/virtual-printer.md."""
    found = compare_corpus()
    rows = [
        _agreement_row(family, [a for a in found if a.family == family])
        for family in _FAMILIES.values()
    ]
    rows.append(_agreement_row("**all**", list(found)))
    worst = sorted((a for a in found if a.apart > TOLERANCES[0]), key=lambda a: -a.apart)
    worst_rows = "\n".join(f"| `{Path(a.file).name}` | {a.apart} |" for a in worst) or "| – | |"
    commands = " ".join(f"`{name}`" for name in sorted({*FORMAT, *CONTROL, *SYMBOLS}))
    heads = " | ".join(f"within {dots} dot{'s' if dots > 1 else ''}" for dots in TOLERANCES)
    faults = "\n".join(
        f"| `{name}` | {(getdoc(act) or '').splitlines()[0]} |" for name, act in FAULTS.items()
    )
    return f"""# Virtual printers

<!-- Written by `make docs`; change the code, not this page. -->

A program that behaves as a label printer on a TCP port: it interprets the bytes it is sent, draws,
takes time to print, keeps the paper as pictures with their decoded codes, and answers the host. It
draws with code and symbol libraries that the encoder does not use, so what comes out of it is a
second opinion.

## One of your own

One command, and the gateway runs it; its paper is on the page in the browser and at
`GET /v1/printers/demo/paper`:

```sh
label-gateway printers add demo virtual --language escpos --density 180dpi --width 72 --height 40
label-gateway printers test demo
```

A program says the same by `PUT /v1/printers/demo` with `{{"url": "virtual:", "language": "tspl"}}`.
What nobody says is as usual:

| language | head | labels | models |
|---|---|---|---|
{_languages()}

`--model` (`"model"`) takes one of them: its language, its density, the width of its head, and what
it can. Other labels, or a head of another density, are put into the printer as it runs. Another
language makes it another machine, with a counter and paper of its own, and is refused while labels
are on their way; the first machine comes back, with its paper, when its language does. It keeps its
address, paper and counter over a restart. A printer that is given another url, is replaced by
another device or deleted is switched off.

`label-gateway virtual-printer` runs one as a process of its own, for other programs too; with
`--serial LINK` it is on a serial line as slow as its baud rate (not on Windows).

## How well the ink of ZPL agrees

110 labels whose pictures another emulator drew (`tests/corpus/zpl`). Counted are labels whose ink
box differs by at most so many dots on each of its four sides; the overlap is the median of dots
inked in both pictures by dots inked in either.

| labels | number | {heads} | overlap |
|---|---|---|---|---|---|
{chr(10).join(rows)}

More than {TOLERANCES[0]} dot apart:

| label | dots |
|---|---|
{worst_rows}

The glyphs of resident fonts are look-alikes from free fonts, stretched to measured widths: a line
is as long as on paper, its letters are not the vendor's.

## What a ZPL printer understands

{commands}

Everything else is listed with the label it came with, and so are characters without a glyph, codes
that cannot carry their data, pictures with a wrong CRC, and text outside commands. `^GFC` is listed
and skipped: the vendor's compression is not published. Of `^BR` the types 1 to 4 are drawn, of
`^B0` no runes.

The gateway itself sends GS1 DataBar, Aztec, PDF417, Micro QR and MicroPDF417 to ZPL printers as
dots only, so they come out here dot for dot in either mode.

## Faults

Switched by `POST /v1/printers/{{name}}/virtual` with `{{"do": "paper_out"}}`, in tests by
`VirtualPrinter.do("paper_out")`, and by `POST /faults` on the control page of a printer that runs
as its own process.

| fault | |
|---|---|
{faults}
"""
