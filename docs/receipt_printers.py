"""Turn a public database of receipt printers into rows of models.

``python -m docs.receipt_printers capabilities.json`` writes the drivers' ``receipt_printers.toml``
from the ``capabilities.json`` of escpos-printer-db (CC BY 4.0), which python-escpos carries. What
is no printer, prints no pictures or has a width that nobody knows is left out; what the database
takes on trust for other makers than Epson (GS ( L, process ids) is not believed.
"""

from __future__ import annotations

import codecs
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

WRITTEN = Path(__file__).parents[1] / "gateway" / "drivers" / "receipt_printers.toml"

_HEAD = """\
# Written by `python -m docs.receipt_printers capabilities.json`; change that, not this file.
#
# From escpos-printer-db, https://github.com/receipt-print-hq/escpos-printer-db, by its
# contributors, under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/). Changed: profiles
# became rows of models, widths micrometres, and capabilities quirks.
"""

_OLD_EPSON = ("TM-T88II", "TM-T88III")
"""They have neither GS ( L nor process ids, and draw no QR codes (Epson ESC/POS Command Reference,
the lists of models of GS ( L, GS ( H and GS ( k)."""


def rows(capabilities: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a row for each receipt printer whose head is known.

    >>> profile = {"vendor": "Epson", "name": "TM-T88V", "media": {"dpi": 180, "width":
    ... {"mm": 80, "pixels": 512}}, "features": {"bitImageRaster": True, "graphics": True},
    ... "codePages": {"0": "CP437", "1": "Unknown"}}
    >>> encodings = {"CP437": {"python_encode": "cp437"}, "Unknown": {}}
    >>> [row] = rows({"encodings": encodings, "profiles": {"TM-T88V": profile}})
    >>> row["name"], row["density"], row["print_width"], row["code_pages"]
    ('tm-t88v', '180dpi', 72249, {'cp437': 0})
    """
    encodings = capabilities["encodings"]
    named = Counter(_words(profile["name"]) for profile in capabilities["profiles"].values())
    for key, profile in sorted(capabilities["profiles"].items()):
        dots, features = profile["media"]["width"].get("pixels"), profile["features"]
        emulation = re.search(r"column mode|South Asia", profile["name"])
        if not isinstance(dots, int) or not features.get("bitImageRaster") or emulation:
            continue
        dpi = profile["media"].get("dpi", 203)  # heads of 384 and 576 dots have 8 a millimetre
        density: int | str = "180dpi" if dpi == 180 else 8
        per_mm = Fraction(900, 127) if dpi == 180 else Fraction(8)
        yield {
            "name": re.sub(r"[^a-z0-9]+", "-", key.lower()),
            "title": f"{profile['vendor']} {profile['name']}",
            "language": "escpos",
            "density": density,
            "print_width": -(-dots * 1000 // per_mm),
            "source": f"escpos-printer-db, profile {key}",
            "quirks": sorted(_quirks(key, profile)),
            "ids": [profile["name"]] if named[_words(profile["name"])] == 1 else [],
            "code_pages": _code_pages(profile["codePages"], encodings),
        }


def _words(name: str) -> tuple[str, ...]:
    """Return the letters and digits of a name, by which devices are told apart."""
    return tuple(re.findall(r"[a-z0-9]+", name.lower()))


def _quirks(key: str, profile: dict[str, Any]) -> Iterator[str]:
    features = profile["features"]
    plain = profile["vendor"] != "Epson" or key in _OLD_EPSON
    if plain or not features.get("graphics"):
        yield "legacy-raster"
    if plain:
        yield "no-process-id"
    if key in _OLD_EPSON or not features.get("qrCode"):
        yield "no-qr"
    if not features.get("barcodeB"):
        yield "no-code128"
    if not (features.get("paperFullCut") or features.get("paperPartCut")):
        yield "no-cutter"


def _code_pages(pages: dict[str, str], encodings: dict[str, Any]) -> dict[str, int]:
    """Return Python's codecs to their lowest numbers; two-byte codecs are no code pages."""
    found: dict[str, int] = {}
    for number, name in sorted(pages.items(), key=lambda page: int(page[0])):
        codec = encodings.get(name, {}).get("python_encode")
        if codec and codec != "cp932":
            found.setdefault(codecs.lookup(codec).name, int(number))
    return found


def to_toml(row: dict[str, Any]) -> str:
    """Return a row as TOML."""
    lines = ["[[model]]"]
    for key, value in row.items():
        if isinstance(value, dict):
            pages = ", ".join(f'"{codec}" = {number}' for codec, number in value.items())
            lines.append(f"{key} = {{ {pages} }}")
        elif value or not isinstance(value, list):
            lines.append(f"{key} = {json.dumps(value)}")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write the file from the database whose path is given."""
    capabilities = json.loads(Path(arguments[0]).read_text("utf-8"))
    parts = [_HEAD, *(to_toml(row) for row in rows(capabilities))]
    WRITTEN.write_text("\n".join(parts), "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
