"""Sheets of labels from the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pypdfium2
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

SHEET = {"label": {"width": 100_000, "height": 50_000}, "columns": 2, "rows": 5}


def pages(file: Path) -> int:
    opened = pypdfium2.PdfDocument(file.read_bytes())  # type: ignore[no-untyped-call]
    try:
        return len(opened)
    finally:
        opened.close()  # type: ignore[no-untyped-call]


def test_rows_of_a_file_become_sheets(at_daemon: Run, tmp_path: Path) -> None:
    rows, sheet, output = tmp_path / "rows.csv", tmp_path / "sheet.json", tmp_path / "labels.pdf"
    rows.write_text("serial\n" + "".join(f"SN-{n}\n" for n in range(8)), encoding="utf-8")
    sheet.write_text(json.dumps(SHEET), encoding="utf-8")
    ran = at_daemon("sheets", "--template", "serial-label", "--csv", rows, "--sheet", sheet,
                    "--start", 4, "--marks", "-o", output)  # fmt: skip
    assert (ran.code, ran.err, ran.out) == (0, "", f"{output} written, 8 labels\n")
    assert pages(output) == 2


def test_the_known_sheets_are_listed(at_daemon: Run) -> None:
    ran = at_daemon("sheets", "--list")
    assert ran.code == 0
    assert "avery-l7160   Avery L7160: 21 of 63.5 mm × 38.1 mm on A4\n" in ran.out
    names = [sheet["name"] for sheet in at_daemon("sheets", "--list", "--json").answer]
    assert "avery-5160" in names


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("--template", "serial-label", "serial=A", "--sheet", "avery-l7160"), 2,
         "label-gateway: --output is needed, or --list\n"),
        (("--template", "serial-label", "serial=A", "--csv", "a.csv", "--sheet", "avery-l7160",
          "-o", "a.pdf"), 2, "label-gateway: give the fields once: name=value, --csv or --jsonl\n"),
        (("--template", "serial-label", "serial=A", "--sheet", "avery-l7160", "-o", "a.pdf"), 1,
         "The label is 100 mm × 50 mm and the sheet's labels are 63.5 mm × 38.1 mm; use a smaller "
         "template or another sheet.\n"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_sentence(
    at_daemon: Run, words: tuple[str, ...], code: int, sentence: str
) -> None:
    ran = at_daemon("sheets", *words)
    assert (ran.code, ran.out, ran.err) == (code, "", sentence)


def test_a_description_that_is_no_json_is_refused(at_daemon: Run, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.json"
    words = ("sheets", "--template", "serial-label", "serial=A", "--sheet", sheet, "-o", "a.pdf")
    ran = at_daemon(*words)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"{sheet} cannot be read: ")
    sheet.write_text("{", encoding="utf-8")
    ran = at_daemon(*words)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"{sheet} is not JSON: Expecting property name")
