"""Barcodes that somebody printed to do harm: none is a command, and none breaks the reader."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from gateway.codes.clean import clean
from gateway.codes.commands import Signing
from gateway.codes.scanned import read_code

SCANS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "corpus" / "hostile_scans.json").read_text()
)

FAULTS = {"too_long", "characters", "encoding"}


def text_of(scan: dict[str, Any]) -> str:
    if "base64" in scan:
        return b64decode(scan["base64"]).decode("utf-8", "replace")
    return str(scan["text"]) * int(scan.get("times", 1))


def test_there_are_a_hundred_and_each_has_a_name_of_its_own() -> None:
    assert len(SCANS) >= 100
    assert len({scan["name"] for scan in SCANS}) == len(SCANS)


@pytest.mark.threat("T11")
@pytest.mark.parametrize("scan", SCANS, ids=lambda scan: scan["name"])
@pytest.mark.parametrize("aim", ["", "]C0", "]C1", "]Q3"])
@pytest.mark.parametrize("identifiers", [False, True])
def test_a_hostile_scan_is_no_command(scan: dict[str, Any], aim: str, identifiers: bool) -> None:
    text = text_of(scan)
    reading = read_code(
        text, aim, identifiers=identifiers, check_signature=Signing(b"secret").check, this_year=2026
    )
    assert reading.command is None
    assert (reading.fault or "clean") == (clean(text)[1] or "clean")
    if scan["ends"] in FAULTS:
        assert (reading.fault, reading.form) == (scan["ends"], "plain")
        assert reading.serial is None
    elif not aim and not identifiers:
        assert ("refused" if reading.refusal else reading.form) == scan["ends"]
        assert bool(reading.refusal) == (scan["ends"] == "refused")
    # Nothing that is shown of it can move a cursor, break a line, or hide.
    for said in (reading.why, reading.refusal, *reading.warnings):
        assert said.isprintable()
