"""Rows made of the public database of receipt printers."""

from __future__ import annotations

import tomllib
from typing import Any

from docs.receipt_printers import WRITTEN, rows, to_toml


def profile(**changes: Any) -> dict[str, Any]:
    return {
        "vendor": "Anybody",
        "name": "R-1",
        "media": {"width": {"mm": 48, "pixels": 384}},
        "features": {"bitImageRaster": True, "qrCode": True, "graphics": True},
        "codePages": {"0": "CP437", "3": "CP437", "1": "CP932", "2": "Unknown"},
    } | changes


ENCODINGS = {
    "CP437": {"python_encode": "cp437"}, "CP932": {"python_encode": "cp932"}, "Unknown": {},
}  # fmt: skip


def made(**profiles: dict[str, Any]) -> list[dict[str, Any]]:
    return list(rows({"encodings": ENCODINGS, "profiles": profiles}))


def test_other_makers_are_not_believed_to_have_what_only_epson_documents() -> None:
    (row,) = made(R1=profile())
    assert row == {
        "name": "r1",
        "title": "Anybody R-1",
        "language": "escpos",
        "density": 8,
        "print_width": 48_000,
        "source": "escpos-printer-db, profile R1",
        "quirks": ["legacy-raster", "no-code128", "no-cutter", "no-process-id"],
        "ids": ["R-1"],
        "code_pages": {"cp437": 0},
    }
    assert tomllib.loads(to_toml(row)) == {"model": [row]}


def test_displays_emulations_and_heads_of_unknown_width_are_left_out() -> None:
    unknown = {"width": {"mm": "Unknown", "pixels": "Unknown"}}
    assert made(a=profile(features={}), b=profile(media=unknown)) == []
    assert made(c=profile(name="R-1 (42 column mode)")) == []


def test_a_name_that_two_profiles_share_names_none_of_them() -> None:
    assert [row["ids"] for row in made(a=profile(), b=profile())] == [[], []]


def test_the_file_says_where_it_is_from() -> None:
    written = WRITTEN.read_text("utf-8")
    assert "escpos-printer-db" in written
    assert "creativecommons.org/licenses/by/4.0" in written
    assert len(tomllib.loads(written)["model"]) == 21
