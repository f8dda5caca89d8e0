"""Label stocks of one's own, beside those that are packaged: kept under a name, for everybody."""

from __future__ import annotations

from gateway.errors import InputRefused, Unknown
from gateway.store.engine import Transaction, now
from gateway.store.names import check_name
from gateway.store.registry.lives import Run
from gateway.templates.stocks import Stock, load_stocks

MOST_OWN = 500
"""Stocks of one's own: a warehouse has some dozens."""

_COLUMNS = "name, width, height, maker, part, title, tracking, material, shape, across, core"


def own_stocks(run: Run) -> list[Stock]:
    """Return the stocks that people here have kept, by name."""
    rows = run(f"SELECT {_COLUMNS} FROM label_stock ORDER BY lower(name)", ())
    return [Stock(*row) for row in rows]


def find_stock(run: Run, name: str) -> tuple[Stock, bool]:
    """Return a stock by its name, and whether it is one of one's own.

    Raises:
        Unknown: there is none of that name.
    """
    rows = list(
        run(f"SELECT {_COLUMNS} FROM label_stock WHERE lower(name) = lower(?)", (name,))
    )  # fmt: skip
    if rows:
        return Stock(*rows[0]), True
    found = load_stocks().get(name.lower())
    if found is None:
        raise Unknown(f"There is no label stock {name[:80]!r}.", name=name[:80])
    return found, False


def keep_stock(t: Transaction, stock: Stock, actor: str) -> bool:
    """Keep a stock under its name, in place of the one that had it; return whether it is new.

    Raises:
        InputRefused: it cannot be a name, a packaged stock has it, or there are too many.
    """
    check_name(stock.name, "label stock")
    if stock.name.lower() in load_stocks():
        raise InputRefused(
            f"{stock.name!r} is the packaged stock {load_stocks()[stock.name.lower()].label}; keep "
            "yours under another name.",
            name=stock.name,
        )
    gone = t.execute("DELETE FROM label_stock WHERE lower(name) = lower(?)", (stock.name,)).rowcount
    ((kept,),) = t.execute("SELECT count(*) FROM label_stock")
    if kept >= MOST_OWN:
        raise InputRefused(
            f"There are {MOST_OWN} stocks already; delete one of them first.", most=MOST_OWN
        )
    t.execute(
        f"INSERT INTO label_stock ({_COLUMNS}, actor, changed_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            stock.name, stock.width, stock.height, stock.maker, stock.part, stock.title,
            stock.tracking, stock.material, stock.shape, stock.across, stock.core, actor, now(),
        ),
    )  # fmt: skip
    return not gone


def delete_stock(t: Transaction, name: str) -> None:
    """Delete a stock of one's own.

    Raises:
        Unknown: there is none of that name.
        InputRefused: it is a packaged one.
    """
    gone = t.execute("DELETE FROM label_stock WHERE lower(name) = lower(?)", (name,)).rowcount
    if gone:
        return
    if name.lower() in load_stocks():
        raise InputRefused(
            f"{name!r} is packaged with the gateway and stays; only your own can be deleted.",
            name=name[:80],
        )
    raise Unknown(f"There is no label stock {name[:80]!r}.", name=name[:80])
