"""Every virtual printer recognises its own question, and prints nothing of the others'.

The virtual printers were written from the vendors' manuals without knowledge of the questions.
"""

from __future__ import annotations

import threading

import pytest

from gateway.drivers.identifying import STRANGERS, identify_on, probe_for
from gateway.drivers.languages import LANGUAGES as ENCODERS
from gateway.drivers.languages import load_language
from gateway.drivers.languages.page import Model
from gateway.drivers.models import load_models
from gateway.drivers.virtual.printer import LANGUAGES as VIRTUAL
from gateway.label import Label, Picture, Tile
from gateway.printers import Setup
from gateway.units import parse_density
from tests.drivers.languages.speaking import Spoken, loaded_with


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Printers in this process answer at once or never: a shorter wait shows as much."""
    monkeypatch.setattr("gateway.drivers.identifying.PATIENCE", 0.1)
    monkeypatch.setattr("gateway.drivers.identifying.KNOWN_PATIENCE", 0.3)


SPOKEN = sorted(VIRTUAL.keys() & ENCODERS.keys())


class SpokenWire:
    """A wire to a virtual printer in this process."""

    def __init__(self, printer: Spoken, mute: bool = False) -> None:
        self._printer, self._mute = printer, mute
        self.sent = bytearray()

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
        self.sent += payload
        self._printer.feed(bytes(payload))
        return len(payload)

    def read(self, timeout: float) -> bytes:
        said = bytes(self._printer.answers)
        self._printer.answers.clear()
        if said and not self._mute:
            return said
        threading.Event().wait(timeout)  # a wire waits as long as it is told to
        return b""

    def close(self) -> None:
        """Nothing is open."""


def model_of(language: str) -> Model:
    """Return a model that speaks the language."""
    for row in load_models().values():
        if row.language == language and row.head_dots and row.head_dots >= 600:
            return row
    return Model("any", "Any", language, parse_density(8), 800)


def label_for(model: Model) -> Label:
    """Return a label with a block of ink, as test_models makes them."""
    assert model.head_dots is not None
    return Label(
        model.head_dots,
        700,
        model.density,
        (Picture("x", 64, 350, 0, Tile(16, 2, b"\xf0\x0f" * 2), True),),
    )


SETUPS = {"escpos": Setup(finish="cut")}
"""A roll that is not cut ends nowhere: only a cut makes a piece of it."""


@pytest.mark.parametrize("mute", [False, True], ids=["answering", "mute"])
@pytest.mark.parametrize("language", SPOKEN)
def test_a_printer_that_was_asked_as_a_stranger_prints_the_next_label_as_ever(
    language: str, mute: bool
) -> None:
    model = model_of(language)
    label = label_for(model)
    setup = SETUPS.get(language, Setup())
    page = load_language(language).encode(label, "exact", model, setup)
    with loaded_with(label, model) as printer:
        (before,) = printer.print_pages([page])
        proposal = identify_on(SpokenWire(printer, mute), "tcp://10.0.0.7:9100")
        assert printer.pieces(1) == []
        (after,) = printer.print_pages([page])
    assert after.tile == before.tile
    if mute or language not in STRANGERS:
        assert (proposal.sure, proposal.language) == ("unknown", "")
    else:
        assert (proposal.sure, proposal.language) == ("sure", language)


@pytest.mark.parametrize("language", SPOKEN)
def test_a_printer_whose_language_is_named_answers_in_it(language: str) -> None:
    model = model_of(language)
    with loaded_with(label_for(model), model) as printer:
        wire = SpokenWire(printer)
        proposal = identify_on(wire, "tcp://10.0.0.7:9100", language)
        assert wire.sent.startswith(probe_for(language).QUESTION)
        assert printer.pieces() == []
    assert (proposal.sure, proposal.language) == ("sure", language)


def test_all_printers_of_the_gateway_were_asked() -> None:
    # The witnesses are there: a table that is empty would let every test above pass.
    assert {"zpl", "tspl", "cpcl", "dpl", "brother-ql"} <= set(SPOKEN)
