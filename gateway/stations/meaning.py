"""What a scanned code may mean here: everything it names exactly, with the steps that found it.

    Reading ──find──► Found, Found, …   and one sentence for each step that was taken

A form that describes itself (a code of ours, GS1, an envelope) decides alone. Everything else is
looked for everywhere by exact indexes, and nothing hides another; the mode decides between them
(``choosing``). Nothing is found by a part of it, and nothing by what was scanned before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from gateway.codes.scanned import Reading
from gateway.registry.lives import CUSTODY, Life
from gateway.registry.public_ids import PublicIds
from gateway.store.registry.lives import Run, lives_by_id, lives_by_key
from gateway.store.registry.resolving import resolve_exact
from gateway.store.registry.searching import keys_of

Kind = Literal["serial", "item", "location", "lot", "document", "party", "operator", "new"]


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that a code may mean."""

    kind: Kind
    """``new``: a serial that an item could get."""
    number: int
    """Of its row; of a new serial 0."""
    name: str
    by: str
    """What of it the code is: ``serial``, ``alias``, ``sku``, ``gtin``, ``id`` …"""
    item: int | None = None
    sku: str | None = None
    life: Life | None = None

    @property
    def named(self) -> str:
        """What names it and no other thing, as long as a question is open."""
        return f"{self.kind}:{self.number}:{self.item or 0}"

    @property
    def said(self) -> str:
        """As a sentence names it."""
        what = "serial" if self.kind == "new" else self.kind
        return f"{what} {self.name}" + (
            f" of {self.sku}" if self.life or self.kind == "new" else ""
        )


@dataclass(frozen=True, slots=True)
class Looked:
    """One step of finding out what a code means."""

    step: str
    says: str
    found: Sequence[Found] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """All that a code may mean, and how that was found out."""

    found: Sequence[Found]
    steps: Sequence[Looked]
    decides: bool
    """Whether the code's own form decides: what it does not find is unknown, whatever else is
    called so."""
    trouble: str = ""
    """Why a form that decides found nothing, in a sentence."""


def find(run: Run, names: PublicIds, reading: Reading) -> Meaning:
    """Return what a code may mean, exactly."""
    steps = [Looked("form", reading.why)]
    match reading.form:
        case "ours":
            found = _with_lives(run, _exact(run, names, reading.text))
            says = "A code of ours names one thing, and that for ever."
            steps.append(Looked("ours", says, found))
            trouble = "" if found else (
                f"{reading.text[:40]} is a code of this kind, and none of this gateway's."
            )  # fmt: skip
            return Meaning(found, steps, True, trouble)
        case "digital_link" | "gs1":
            return _gs1(run, names, reading, steps)
        case "gs1_maybe":
            assert reading.gtin is not None
            if _items_of_gtin(run, reading.gtin):
                says = (
                    f"Without a mark it is taken for GS1 because GTIN {reading.gtin} is known here."
                )
                return _gs1(run, names, reading, [*steps, Looked("gs1", says)])
            says = f"It could be GS1, but GTIN {reading.gtin} is not known: not taken for it."
            steps.append(Looked("gs1", says))
        case "envelope" | "identifier":
            return _identified(run, names, reading, steps)
        case _:
            pass
    return _pooled(run, names, reading.text, steps)


def _pooled(run: Run, names: PublicIds, text: str, steps: list[Looked]) -> Meaning:
    found = _with_lives(run, _exact(run, names, text))
    says = "Looked for exactly that among serials, items, locations, documents and parties."
    steps.append(Looked("everywhere", says, found))
    badge = run(
        "SELECT id, name FROM operator WHERE lower(badge) = lower(?) AND active = 1", (text,)
    )
    operators = [Found("operator", row[0], row[1], "badge") for row in badge]
    if operators:
        steps.append(Looked("badge", "It is the badge of somebody who works here.", operators))
    return Meaning([*found, *operators], steps, False)


def _exact(run: Run, names: PublicIds, text: str) -> list[Found]:
    return [
        Found(one.kind, one.number, one.name, one.by, None, one.sku)
        for one in resolve_exact(run, names, text)
    ]


def _with_lives(run: Run, found: Iterable[Found]) -> list[Found]:
    """Return them with the items that they are of, and serials with their lives."""
    found = list(found)
    serials = [one.number for one in found if one.kind == "serial"]
    lives = lives_by_id(run, serials) if serials else {}

    def whole(one: Found) -> Found:
        match one.kind:
            case "serial":
                life = lives[one.number]
                return replace(one, item=life.item, life=life)
            case "item":
                return replace(one, item=one.number, sku=one.name)
            case "lot":
                row = next(iter(run(
                    "SELECT l.item, i.sku FROM lot l JOIN item i ON i.id = l.item WHERE l.id = ?",
                    (one.number,),
                )))  # fmt: skip
                return replace(one, item=row[0], sku=row[1])
            case _:
                return one

    return [whole(one) for one in found]


# ---------------------------------------------------------------------- forms that say what is what


def _gs1(run: Run, names: PublicIds, reading: Reading, steps: list[Looked]) -> Meaning:
    if reading.gtin is not None:
        items = _items_of_gtin(run, reading.gtin)
        steps.append(Looked("item", f"AI (01): GTIN {reading.gtin}.", items))
        if not items:
            trouble = f"No item here has the GTIN {reading.gtin}."
            return Meaning([], steps, True, trouble)
        return _of_items(run, items, reading.serial, reading.lot, steps)
    if reading.sscc is not None:
        found = _with_lives(run, _exact(run, names, reading.sscc))
        steps.append(Looked("package", f"AI (00): SSCC {reading.sscc}.", found))
        trouble = "" if found else f"No package here has the SSCC {reading.sscc}."
        return Meaning(found, steps, True, trouble)
    if reading.gln is not None:
        found = [
            Found("location", row[0], row[1], "gln")
            for row in run("SELECT id, code FROM place WHERE gln = ?", (reading.gln,))
        ]
        steps.append(Looked("location", f"AI (414): GLN {reading.gln}.", found))
        trouble = "" if found else f"No location here has the GLN {reading.gln}."
        return Meaning(found, steps, True, trouble)
    if reading.serial is not None:
        steps.append(Looked("serial", f"AI (21) alone: a serial, {reading.serial}."))
        return _pooled(run, names, reading.serial, steps)
    if reading.lot is not None:
        steps.append(Looked("lot", f"AI (10) alone: a lot, {reading.lot}."))
        return _lots(run, reading.lot, None, steps)
    return Meaning([], steps, True, "It says nothing about a thing that is kept here.")


def _identified(run: Run, names: PublicIds, reading: Reading, steps: list[Looked]) -> Meaning:
    if reading.gtin is not None:
        return _gs1(run, names, reading, steps)
    for named in filter(None, (reading.part_number, reading.supplier_part)):
        items = [one for one in _exact(run, names, named) if one.kind == "item"]
        items = _with_lives(run, items)
        steps.append(Looked("item", f"It names the part number {named}.", items))
        if items:
            return _of_items(run, items, reading.serial, reading.lot, steps)
    if reading.serial is not None:
        steps.append(Looked("serial", f"It names the serial {reading.serial}."))
        return _pooled(run, names, reading.serial, steps)
    if reading.order is not None:
        steps.append(Looked("document", f"It names the order {reading.order}."))
        return _pooled(run, names, reading.order, steps)
    if reading.lot is not None:
        return _lots(run, reading.lot, None, steps)
    part = reading.part_number or reading.supplier_part
    nothing = "It says nothing about a thing that is kept here."
    trouble = f"No item here has the part number {part}." if part else nothing
    return Meaning([], steps, True, trouble)


def _of_items(
    run: Run, items: Sequence[Found], serial: str | None, lot: str | None, steps: list[Looked]
) -> Meaning:
    if serial is None:
        if lot is None:
            return Meaning(items, steps, True)
        return _lots(run, lot, items, steps)
    found: list[Found] = []
    for item in items:
        by_key = lives_by_key(run, item.number, keys_of(serial))
        lives = [life for some in by_key.values() for life in some]
        if lives:
            best = max(lives, key=lambda life: (life.state in CUSTODY, life.number))
            found.append(Found("serial", best.id, best.serial, "gs1", item.number, item.name, best))
        else:
            found.append(Found("new", 0, serial, "gs1", item.number, item.name))
    steps.append(Looked("serial", f"Its serial is {serial}.", found))
    return Meaning(found, steps, True)


def _lots(run: Run, lot: str, items: Sequence[Found] | None, steps: list[Looked]) -> Meaning:
    found: list[Found] = []
    if items is None:
        rows = run(
            "SELECT l.id, l.code, l.item, i.sku FROM lot l JOIN item i ON i.id = l.item "
            "WHERE lower(l.code) = lower(?)",
            (lot,),
        )
        found = [Found("lot", row[0], row[1], "lot", row[2], row[3]) for row in rows]
    else:
        for item in items:
            rows = run(
                "SELECT id, code FROM lot WHERE item = ? AND lower(code) = lower(?)",
                (item.number, lot),
            )
            found += [Found("lot", row[0], row[1], "lot", item.number, item.name) for row in rows]
        if not found:
            found = list(items)  # they are known, and the lot may be a new one
    steps.append(Looked("lot", f"Its lot is {lot}.", found))
    return Meaning(found, steps, True, "" if found else f"There is no lot {lot} here.")


def _items_of_gtin(run: Run, gtin: str) -> list[Found]:
    found: dict[int, Found] = {}
    for row in run("SELECT id, sku FROM item WHERE lower(gtin) = ?", (gtin,)):
        found[row[0]] = Found("item", row[0], row[1], "gtin", row[0], row[1])
    short = gtin.lstrip("0")
    forms = {gtin, *(short.zfill(length) for length in (8, 12, 13) if len(short) <= length)}
    for form in sorted(forms):
        for row in run(
            "SELECT i.id, i.sku FROM barcode b JOIN item i ON i.id = b.target "
            "WHERE b.value = ? AND b.kind IN ('item', 'package')",
            (form,),
        ):
            found.setdefault(row[0], Found("item", row[0], row[1], "barcode", row[0], row[1]))
    return list(found.values())
