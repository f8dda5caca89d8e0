"""Label stocks that people buy, by maker and part number, and the sizes that many makers sell.

    stocks.toml ──load_stocks──► Stock, Stock, …

A stock says what is in a printer; a template says only its size. Lengths are µm.

>>> roll = load_stocks()["brother-dk-11201"]
>>> roll.maker, roll.part, roll.width, roll.height, roll.tracking
('Brother', 'DK-11201', 29000, 90000, 'gap')
>>> load_stocks()["4x6in"].label
'4 × 6 in'
>>> load_stocks()["brother-dk-22205"].label
'Brother DK-22205'
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, get_args

from gateway.printers import Tracking
from gateway.units import Um

Material = Literal["", "direct thermal", "transfer"]
"""``transfer`` needs a ribbon; empty: sold as both, or nobody said."""

Shape = Literal["rectangle", "round"]

MOST_ACROSS: Final = 12
"""Labels side by side: of 8 mm on a 4 inch roll."""

_INCH: Final = 25_400

_KEYS: Final = {
    "name", "maker", "part", "title", "width", "height", "tracking", "material", "shape", "across",
    "core", "source",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stock:
    """One kind of label roll, or a size."""

    name: str
    width: Um
    """Across the print head; of one label where several lie side by side."""
    height: Um
    """Along the feed; 0 on a roll that is cut where the label ends."""
    maker: str = ""
    part: str = ""
    title: str = ""
    """What its maker calls it, or what the people who keep it do."""
    tracking: Tracking = "gap"
    material: Material = ""
    shape: Shape = "rectangle"
    across: int = 1
    """Labels side by side."""
    core: Um = Um(0)  # noqa: RUF009 - a length is a number
    """What the roll is wound on; 0 when nobody says."""
    source: str = ""
    """Where part number and size are documented; empty for a mere size."""

    @property
    def label(self) -> str:
        """What it is called: maker and part number, its title, or its size."""
        if self.part:
            return f"{self.maker} {self.part}"
        return self.title or self.size

    @property
    def size(self) -> str:
        """Its size as it is sold: in inches where those come out even.

        >>> from gateway.units import Um
        >>> Stock("a", Um(57_150), Um(31_750)).size, Stock("b", Um(29_000), Um(0)).size
        ('2.25 × 1.25 in', '29 mm')
        """
        sides = [side for side in (self.width, self.height) if side]
        metric = all(side % 500 == 0 for side in sides)
        if not metric and all(side * 8 % _INCH == 0 for side in sides):
            return " × ".join(f"{side / _INCH:g}" for side in sides) + " in"
        return " × ".join(f"{side / 1000:g}" for side in sides) + " mm"


@cache
def load_stocks() -> Mapping[str, Stock]:
    """Return the packaged stocks by name, in the order of the file."""
    read: dict[str, Any] = tomllib.loads((files(__package__) / "stocks.toml").read_text("utf-8"))
    sources: dict[str, str] = read["sources"]
    stocks: dict[str, Stock] = {}
    for row in read["stocks"]:
        name = row["name"]
        if name in stocks or row.keys() - _KEYS or ("part" in row) != ("source" in row):
            raise ValueError(f"stocks: {name} comes twice, has an unknown key, or lacks its source")
        given = {"height": 0} | row
        if "source" in row:
            given["source"] = sources[row["source"]]
        stocks[name] = Stock(**given)
    return stocks


TRACKINGS: Final[tuple[Tracking, ...]] = get_args(Tracking)
MATERIALS: Final[tuple[Material, ...]] = get_args(Material)
SHAPES: Final[tuple[Shape, ...]] = get_args(Shape)
