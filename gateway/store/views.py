"""Views of lists that people keep: a list's filters and order under a name, for everybody here."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.errors import InputRefused, Unknown
from gateway.store.engine import Transaction, now
from gateway.store.registry.lives import Run

LONGEST_NAME = 60
LONGEST_QUERY = 2000

MOST_VIEWS = 100
"""Views of one list: more are found no more."""


@dataclass(frozen=True, slots=True)
class View:
    """A list as somebody keeps it."""

    name: str
    query: str
    """As it stands in an address: ``state=received&location=HALL``."""
    actor: str
    """Who kept it."""


def views_of(run: Run, listing: str) -> list[View]:
    """Return the views of a list, by name."""
    rows = run(
        "SELECT name, query, actor FROM saved_view WHERE list = ? ORDER BY lower(name)", (listing,)
    )
    return [View(*row) for row in rows]


def keep_view(t: Transaction, listing: str, name: str, query: str, actor: str) -> View:
    """Keep a view under a name, in place of the one that had it.

    Raises:
        InputRefused: the name or the query is empty or too long, or there are too many views.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise InputRefused(
            f"A view's name is 1 to {LONGEST_NAME} printable characters, got {name[:80]!r}.",
            key="name",
        )
    if len(query) > LONGEST_QUERY:
        raise InputRefused(
            f"A view's filters are at most {LONGEST_QUERY} characters, got {len(query)}.",
            key="query",
        )
    t.execute("DELETE FROM saved_view WHERE list = ? AND lower(name) = lower(?)", (listing, name))
    ((kept,),) = t.execute("SELECT count(*) FROM saved_view WHERE list = ?", (listing,))
    if kept >= MOST_VIEWS:
        raise InputRefused(
            f"The list has {MOST_VIEWS} views already; forget one of them first.", most=MOST_VIEWS
        )
    t.execute(
        "INSERT INTO saved_view (list, name, query, actor, created_at) VALUES (?, ?, ?, ?, ?)",
        (listing, name, query, actor, now()),
    )
    return View(name, query, actor)


def forget_view(t: Transaction, listing: str, name: str) -> None:
    """Forget a view.

    Raises:
        Unknown: there is none of that name.
    """
    found = list(
        t.execute(
            "SELECT id FROM saved_view WHERE list = ? AND lower(name) = lower(?)", (listing, name)
        )
    )
    if not found:
        raise Unknown(f"The list has no view {name[:80]!r}.", name=name[:80])
    t.execute("DELETE FROM saved_view WHERE id = ?", found[0])
