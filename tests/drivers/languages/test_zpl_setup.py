"""What a printer's setup becomes in ZPL, and that none of it prints or leaves the printer's RAM."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.drivers.languages.page import Model
from gateway.drivers.languages.zpl import ZPL
from gateway.drivers.virtual.preview import draw_zpl
from gateway.label import Label
from gateway.printers import AS_IT_IS, Setup
from gateway.units import Um, parse_density

MODEL = Model("any", "Any", "zpl", parse_density(8), head_dots=832)
LABEL = Label(80, 40, parse_density(8), ())


@pytest.mark.parametrize("mode", ["exact", "native"])
@pytest.mark.parametrize(
    ("setup", "commands"),
    [
        (Setup(tracking="gap"), b"^XA^MNY^XZ"),
        (Setup(tracking="mark"), b"^XA^MNM^XZ"),
        (Setup(tracking="continuous"), b"^XA^MNN^XZ"),
        (Setup(darkness=0), b"~SD00"),
        (Setup(darkness=50), b"~SD15"),
        (Setup(darkness=100), b"~SD30"),
        (Setup(speed=152_400), b"^XA^PR6^XZ"),
        (Setup(speed=10_000), b"^XA^PR1^XZ"),
        (Setup(speed=600_000), b"^XA^PR14^XZ"),
        (Setup(finish="tear_off"), b"^XA^MMT^XZ"),
        (Setup(finish="peel"), b"^XA^MMP^XZ"),
        (Setup(finish="cut"), b"^XA^MMC^XZ"),
        (Setup(finish="rewind"), b"^XA^MMR^XZ"),
        (
            Setup(tracking="mark", darkness=40, speed=101_600, finish="cut"),
            b"~SD12^XA^MNM^MMC^PR4^XZ",
        ),
    ],
)
def test_a_setup_is_sent_once_before_the_labels(setup: Setup, commands: bytes, mode: str) -> None:
    assert mode in ("exact", "native")
    page = ZPL.encode(LABEL, "exact" if mode == "exact" else "native", MODEL, setup)
    assert [stored.payload for stored in page.needs] == [commands]
    assert page.body == ZPL.encode(LABEL, "exact" if mode == "exact" else "native", MODEL).body
    assert draw_zpl(commands) == [], "it prints nothing"
    assert b"^JU" not in commands, "nothing is saved for good"


def test_a_printer_that_nobody_sets_is_sent_nothing() -> None:
    assert ZPL.encode(LABEL, "exact", MODEL, AS_IT_IS).needs == ()
    moved = replace(AS_IT_IS, offset_x=Um(1_000))
    assert ZPL.encode(LABEL, "exact", MODEL, moved).needs == (), "the ink itself is moved"
    assert ZPL.split is not None
    assert len(ZPL.split(b"~SD15^XA^MNY^XZ^XA^FO9,9^GB9,9,9^FS^XZ", False)) == 1
