"""A device's names become a row of models.toml, or honestly none."""

from __future__ import annotations

import pytest

from gateway.drivers.finding.matching import guess_language, guess_model, is_office_printer
from gateway.drivers.models import load_models
from gateway.units import parse_density


def row(*told: str, density: int | None = None) -> str | None:
    """Return the name of the row for maker, model and USB id."""
    maker, model, usb = (*told, "", "")[:3]
    head = None if density is None else parse_density(density)
    found = guess_model(maker, model, (), usb, head)
    return None if found is None else found.name


@pytest.mark.parametrize(
    ("maker", "model", "name"),
    [
        ("Zebra Technologies", "ZTC ZD421-203dpi ZPL", "zd421-203"),
        ("Zebra Technologies ", "ZTC ZD421-300dpi ZPL", "zd421-300"),
        ("", "ZTC ZT230-200dpi ZPL", "zt230-203"),
        ("Zebra Technologies", "ZTC GK420d", "gk420d-203"),
        ("", "ztc gx430t", "gx430t-300"),
        ("Zebra", "ZT411R-300dpi", "zt411-300"),
    ],
)
def test_a_device_is_known_by_its_own_words(maker: str, model: str, name: str) -> None:
    assert row(maker, model) == name


@pytest.mark.parametrize(
    "model", ["", "ZD421", "ZTC ZD4210-203dpi ZPL", "Thermal Printer", "203dpi", "MyGK420dX"]
)
def test_a_name_that_is_no_models_whole_name_is_no_guess(model: str) -> None:
    assert row("Zebra", model) is None


def test_a_usb_id_is_enough_where_it_means_one_model() -> None:
    assert row("", "", "0A5F:0164") == "zd220-203"


def test_a_usb_id_of_several_heads_needs_the_head_to_be_told() -> None:
    assert row("", "", "0a5f:0187") is None
    assert row("", "", "0a5f:0187", density=12) == "zd421-300"
    assert guess_language("", "", (), "0a5f:0187") == "zpl"


def test_what_a_device_says_counts_more_than_its_usb_id() -> None:
    assert row("Zebra", "ZTC ZD230-203dpi ZPL", "0a5f:0164") == "zd230-203"


def test_a_head_that_differs_from_the_name_is_no_match() -> None:
    assert row("Zebra", "ZTC GK420d", density=12) is None


@pytest.mark.parametrize(
    ("maker", "model", "commands", "language"),
    [
        ("Zebra Technologies", "ZTC ZQ520", ("CPCL", "ZPL"), "zpl"),
        ("HPRT", "HM-A300E", ("CPCL",), "cpcl"),
        ("Printer", "Thermal Printer", ("XPP", "XL"), "tspl"),
        ("Xprinter", "XP-350B", ("TSPL", "ESC/POS"), "tspl"),
        ("EPSON", "TM-T88V", ("ESC/POS",), "escpos"),
        ("EPSON", "TM-T88V", (), "escpos"),
        ("EPSON", "ET-2750", (), ""),
        ("Brother", "QL-820NWB", ("PT-CBP",), "brother-ql"),
        ("Brother", "HL-L2350DW", ("PJL", "PCL"), ""),
        ("Zebra ", "LP2844 ", ("NONE",), "epl"),
        ("Zebra ", "ZTC TLP 2844", (), "epl"),
        ("Zebra ", "LP2844-Z", (), "zpl"),
        ("Zebra Technologies", "ZTC TLP 2824 Plus", (), "zpl"),
        ("", "ZTC TLP2844-Z ZPL", (), "zpl"),
        ("SATO", "CL4NX Plus", (), "sbpl"),
        ("Nobody", "Thing", (), ""),
    ],
)
def test_a_language_is_guessed_from_claims_then_names(
    maker: str, model: str, commands: tuple[str, ...], language: str
) -> None:
    assert guess_language(maker, model, commands) == language


def test_an_office_printer_is_told_by_what_it_claims() -> None:
    assert is_office_printer(("PJL", "PCLXL", "URF"))
    assert not is_office_printer(("ZPL", "PDF"))
    assert not is_office_printer(())


def test_every_id_finds_a_row_of_its_own_language_and_never_another_model() -> None:
    for model in load_models().values():
        for words in model.ids:
            found = guess_model("", words, (), "", model.density)
            assert found is None or found.language == model.language, words
            assert found is not None, f"{words!r} of {model.name} also means another row"
            assert words in found.ids
        for usb in model.usb:
            assert usb == usb.lower()
            assert [len(part) for part in usb.split(":")] == [4, 4]
