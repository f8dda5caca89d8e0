from __future__ import annotations

from collections import Counter

import pytest

from gateway.drivers.languages.brother_ql_rolls import ROLLS, find_roll
from gateway.templates.stocks import load_stocks
from gateway.units import Um, parse_density, to_dots

HEAD = parse_density("300dpi")


def test_the_sizes_people_buy_are_there_by_maker() -> None:
    makers = Counter(stock.maker for stock in load_stocks().values())
    assert makers == {"": 70, "Brother": 26, "Dymo": 27, "Zebra": 19}


def test_no_part_number_stands_without_its_source() -> None:
    told = {stock.name: bool(stock.source) for stock in load_stocks().values()}
    named = {stock.name: bool(stock.part) for stock in load_stocks().values()}
    assert told == named


@pytest.mark.parametrize(
    "name", [name for name, stock in load_stocks().items() if stock.maker == "Brother"]
)
def test_a_brother_roll_is_one_that_its_printers_know(name: str) -> None:
    stock = load_stocks()[name]
    length = stock.height or Um(50_000)
    roll = find_roll(
        to_dots(stock.width, HEAD), to_dots(length, HEAD), HEAD, stock.tracking
    )  # fmt: skip
    assert roll in ROLLS
    assert roll.continuous == (stock.tracking == "continuous")
    assert abs(roll.width_mm - stock.width / 1000) <= 0.6


def test_a_stock_is_called_by_its_maker_or_by_its_size() -> None:
    stocks = load_stocks()
    names = ("100x50", "2-25x1-25in", "80-endless", "zebra-800262-125", "brother-dk-11241")
    called = {name: (stocks[name].label, stocks[name].size) for name in names}
    assert called == {
        "100x50": ("100 × 50 mm", "100 × 50 mm"),
        "2-25x1-25in": ("2.25 × 1.25 in", "2.25 × 1.25 in"),
        "80-endless": ("80 mm", "80 mm"),
        "zebra-800262-125": ("Zebra 800262-125", "57.2 × 31.8 mm"),
        "brother-dk-11241": ("Brother DK-11241", "4 × 6 in"),
    }


def test_rolls_that_are_cut_have_no_length_and_all_others_have_one() -> None:
    stocks = load_stocks().values()
    cut = [stock.name for stock in stocks if stock.tracking == "continuous"]
    assert [stock.name for stock in stocks if not stock.height] == cut
    assert len(cut) == 17
