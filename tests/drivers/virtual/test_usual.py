"""What a virtual printer is made as where nobody says, and how wide its head is."""

from __future__ import annotations

from fractions import Fraction

import pytest

from gateway.drivers.models import load_models
from gateway.drivers.virtual.printer import LANGUAGES, VirtualPrinter
from gateway.drivers.virtual.usual import has_heads_of, usual_make
from gateway.errors import InputRefused


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_usual_head_of_each_language_is_one_that_is_sold(language: str) -> None:
    assert has_heads_of(language, usual_make(language).density)


def test_labels_are_never_wider_than_the_models_head() -> None:
    for model in load_models().values():
        if model.language not in LANGUAGES or not model.head_dots:
            continue
        usual = usual_make(model.language, model.name)
        assert (usual.density, usual.head_dots) == (model.density, model.head_dots)
        assert usual.media.width * model.density / 1000 <= model.head_dots, model.name


@pytest.mark.parametrize(
    ("language", "model", "sentence"),
    [
        (
            "tspl",
            "zt411-203",
            "'zt411-203' is no printer model that speaks tspl; leave the model out, or give a row "
            "of models.toml.",
        ),
        ("pdf", "", "Virtual printers speak zpl, escpos, "),
    ],
)
def test_what_no_printer_speaks_is_refused(language: str, model: str, sentence: str) -> None:
    with pytest.raises(InputRefused) as refused:
        usual_make(language, model)
    assert str(refused.value).startswith(sentence)


def test_a_head_is_as_wide_as_it_is_said_or_else_as_wide_as_the_labels() -> None:
    printer = VirtualPrinter(head_dots=384, width_mm=72)
    widths = [printer.machine.make.head_width]
    for arguments in (
        (8, 72, 40, 576),
        (8, 120, 40),
        (Fraction(900, 127), 72, 40),
    ):
        printer.load(*arguments)
        widths.append(printer.machine.make.head_width)
    printer.start()
    printer.stop()
    # 104 mm at 180 dpi are 737.008 dots.
    assert widths == [384, 576, 960, 737]
