"""Every row of models.toml loads, and prints."""

from __future__ import annotations

import pytest

from gateway.drivers.languages import load_language
from gateway.drivers.models import find_model, load_models
from gateway.drivers.virtual.machine import Machine, Make, Pace
from gateway.drivers.virtual.paper import Paper
from gateway.drivers.virtual.zpl.interpreter import Interpreter
from gateway.errors import PrinterRefused
from gateway.label import Label, Picture, Tile, draw
from gateway.units import parse_density


@pytest.mark.parametrize("name", load_models())
def test_a_label_as_wide_as_the_head_comes_out_of_every_model(name: str) -> None:
    model = load_models()[name]
    assert model.head_dots is not None
    width = model.head_dots
    stride = (width + 7) // 8
    edge = (1 << 8 * stride - 1 | 1 << 8 * stride - width).to_bytes(stride)
    ruler = Picture("ruler", 0, 4, 0, Tile(width, 40, edge * 40), True)
    label = Label(width, 48, model.density, (ruler,))
    page = load_language(model.language).encode(label, "exact", model)

    paper = Paper()
    machine = Machine(paper, Make(head_width=width, stock_width=width), pace=Pace(speed_mm_s=0))
    machine.start()
    try:
        interpreter = Interpreter(machine)
        for stored in page.needs:
            interpreter.feed(stored.payload)
        interpreter.feed(page.body)
        assert machine.wait_idle(30)
    finally:
        machine.stop()
    (piece,) = paper.pieces()
    tile = paper.tile(piece.number)
    assert tile is not None
    assert piece.unknown == ()
    assert (tile.width, tile.height, tile.to_bytes()) == (width, 48, draw(label).ink)
    assert tile.count_ink() == 80


def test_every_model_says_who_documents_it() -> None:
    for name, model in load_models().items():
        assert model.name == name
        assert model.title
        assert model.source


def test_a_printer_without_a_model_gets_what_every_printer_takes() -> None:
    model = find_model("", "zpl", parse_density("180dpi"))
    assert (model.graphics, model.keeps, model.head_dots) == ("rle", True, None)


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(PrinterRefused) as caught:
        find_model("zd999", "zpl", parse_density(8))
    assert caught.value.detail == (
        "'zd999' is not a known printer model; leave the model out, or give one such as "
        "generic-zpl-203 or generic-zpl-300."
    )


def test_a_model_with_another_head_is_refused() -> None:
    with pytest.raises(PrinterRefused) as caught:
        find_model("zd421-203", "zpl", parse_density(12))
    assert caught.value.detail == (
        "A Zebra ZD421, 203 dpi speaks zpl at 8 dots per mm, and the printer is set to zpl at 12; "
        "correct the model, or language and density."
    )
