"""Every row of models.toml loads, and prints."""

from __future__ import annotations

import pytest

from gateway.drivers.languages import load_language
from gateway.drivers.models import find_model, load_models
from gateway.errors import PrinterRefused
from gateway.label import Label, Picture, Tile, draw
from gateway.units import parse_density
from tests.drivers.languages.speaking import loaded_with

MARGINS = {"brother-ql": (18, 300)}
"""Dots free at the sides and behind, for printers that cannot print up to the edge."""


@pytest.mark.parametrize("name", load_models())
def test_a_label_as_wide_as_the_head_comes_out_of_every_model(name: str) -> None:
    model = load_models()[name]
    assert model.head_dots is not None
    side, behind = MARGINS.get(model.language, (0, 4))
    width = model.head_dots
    across = width - 2 * side
    stride = (across + 7) // 8
    edge = (1 << 8 * stride - 1 | 1 << 8 * stride - across).to_bytes(stride)
    ruler = Picture("ruler", side, max(4, behind // 2), 0, Tile(across, 40, edge * 40), True)
    label = Label(width, ruler.y + 40 + behind, model.density, (ruler,))
    page = load_language(model.language).encode(label, "exact", model)
    with loaded_with(label, model) as printer:
        (piece,) = printer.print_pages([page])
    assert (piece.unknown, piece.notes) == ((), ())
    assert piece.tile == draw(label)
    assert piece.tile.count() == 80


def test_every_model_says_who_documents_it() -> None:
    for name, model in load_models().items():
        assert model.name == name
        assert model.title
        assert model.source


def test_a_printer_without_a_model_gets_what_every_printer_takes() -> None:
    model = find_model("", "zpl", parse_density("180dpi"))
    assert (model.graphics, model.keeps, model.head_dots) == ("rle", True, 765)
    assert find_model("", "png", parse_density(8)).head_dots is None


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
