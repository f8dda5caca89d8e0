"""Who works at a station: signed in by scanning a badge, changed over by scanning another.

A badge with a PIN asks for it; a wrong one signs nobody in. What a person may do narrows what the
station may, and never widens it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import scrypt
from hmac import compare_digest

from gateway.scanners.outcomes import Outcome
from gateway.stations.answers import Answer, Card
from gateway.stations.meaning import Found
from gateway.stations.sessions import Question, Session
from gateway.stations.turn import Asked, Turn
from gateway.store.registry.lives import Run

May = Callable[[str], bool]


def hash_pin(badge: str, pin: str) -> bytes:
    """Return what is kept of a PIN. It has few digits, so guessing must be slow (RFC 7914)."""
    return scrypt(pin.encode(), salt=badge.lower().encode(), n=2**14, r=8, p=1, dklen=32)


def may_of(run: Run, session: Session, may: May) -> May:
    """Return what whoever is signed in may do, of what the station may."""
    if not session.badge:
        return may
    rows = run(
        "SELECT roles FROM operator WHERE lower(badge) = lower(?) AND active = 1", (session.badge,)
    )
    roles = next((frozenset(json.loads(row[0])) for row in rows), frozenset({"nothing"}))
    if not roles:
        return may
    return lambda scope: may(scope) and (scope in roles or "registry:*" in roles)


def sign_in(turn: Turn, found: Found) -> Answer:
    """Sign somebody in by their badge.

    Raises:
        Asked: the badge has a PIN.
    """
    badge, pin = _badge_of(turn, found.number)
    if pin is not None:
        raise Asked(
            Question(
                f"pin:{found.number}", f"{found.name}: type your PIN.", [], badge, text=True,
                secret=True,
            )
        )  # fmt: skip
    return _signed_in(turn, badge, found.name)


def answer_pin(turn: Turn, question: Question) -> Answer:
    """Sign somebody in by the PIN that was typed, or nobody."""
    number = int(question.key.partition(":")[2])
    badge, pin = _badge_of(turn, number)
    turn.session.question = None
    name = str(next(iter(turn.run("SELECT name FROM operator WHERE id = ?", (number,))))[0])
    if pin is not None and not compare_digest(pin, hash_pin(badge, turn.reading.text)):
        return Answer(
            Outcome.REFUSED, f"The PIN of {name} is wrong. Scan the badge again.",
            "operator_refused",
        )  # fmt: skip
    return _signed_in(turn, badge, name)


def _badge_of(turn: Turn, number: int) -> tuple[str, bytes | None]:
    row = next(iter(turn.run("SELECT badge, pin_hash FROM operator WHERE id = ?", (number,))))
    return str(row[0]), None if row[1] is None else bytes(row[1])


def _signed_in(turn: Turn, badge: str, name: str) -> Answer:
    session = turn.session
    before = session.operator
    session.badge, session.operator = badge, name
    card = Card("operator", name, "works here now")
    if before == name:
        return Answer(Outcome.LOOK, f"{name} is signed in already.", cards=(card,))
    said = f"{name} works here now" + (f"; {before} is signed out." if before else ".")
    return Answer(Outcome.DONE, said, cards=(card,))
