"""Documents, saved: made as drafts, changed by rule, deleted.

Draft ──save──► document, document_line        (rules: ``gateway.registry.documents``)
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from gateway.errors import Stale
from gateway.registry.documents import KINDS, UNFINISHED, DocumentType, type_of
from gateway.registry.fields import check_fields
from gateway.registry.lives import Rules
from gateway.registry.refusals import RegistryRefused, refuse_all
from gateway.store.constraints import RuleBroken
from gateway.store.engine import Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.acting import fields_of
from gateway.store.registry.document_status import refresh
from gateway.store.registry.documents import (
    DocumentRow,
    LineRow,
    document_by_id,
    lines_of,
    list_documents,
)
from gateway.store.registry.draft_lines import DraftLine, LineSaving, folded, refuse_finished
from gateway.store.registry.names import document_id, party_id, place_id

WIDTH = 5
"""Digits of a number that is drawn: ``SO-00001``."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A document as it is asked for. What ``head`` does not name stays as it is."""

    type: DocumentType
    number: str = ""
    """Empty: one is drawn."""
    head: Mapping[str, Any] = field(default_factory=dict)
    """Of ``HEAD``."""
    lines: Sequence[DraftLine] | None = None
    """None leaves the lines; a new document with a source then gets what its source still waits
    for."""


HEAD = (
    "party", "from", "to", "source", "external_ref", "external_id", "currency", "due_on",
    "reason", "memo", "fields",
)  # fmt: skip


ALWAYS = frozenset({"external_ref", "external_id", "memo", "fields"})
"""What may change on a finished document, too."""


Result = Literal["new", "changed", "same"]


def save(
    t: Transaction,
    draft: Draft,
    rules: Rules,
    actor: str,
    *,
    version: int | str | None = None,
) -> tuple[DocumentRow, Result]:
    """Make a document, or change the one of that number; return it, and what that came to.

    ``version`` is the one its editor has seen; ``"new"`` for none. What changes nothing is no
    change: the version stays, and nobody is told.

    Raises:
        RegistryRefused: a rule forbids it; nothing was changed.
        Stale: it was changed since.
    """
    kind = KINDS[draft.type]
    if kind.feature and kind.feature not in rules.features:
        raise RegistryRefused(
            "feature_disabled",
            f"A {draft.type.replace('_', ' ')} needs the feature {kind.feature}, which is off.",
            feature=kind.feature,
        )  # fmt: skip
    at = now()
    number = draft.number.strip()
    found = _find(t, draft, number)
    if version == "new" and found is not None:
        raise Stale(f"{found.named.capitalize()} is there already.")
    if isinstance(version, int) and (found is None or found.version != version):
        has = "is not there" if found is None else f"has the version {found.version} now"
        raise Stale(f"{draft.type.replace('_', ' ').capitalize()} {number} {has}.")
    before = None if found is None else (found, lines_of(t.execute, found.id))
    if found is None:
        number = number or draw_number(t, draft.type)
        _check_number(number)
        document = t.allot("document", 1)[0]
        t.execute(
            "INSERT INTO document (id, type, number, created_at, changed_at) "
            "VALUES (?, ?, ?, ?, ?)",
            (document, draft.type.value, number, at, at),
        )
        row = document_by_id(t.execute, document)
    else:
        row = found
    try:
        _save_head(t, row, draft, found is None)
    except RuleBroken as broken:
        raise _taken(broken, draft) from broken
    row = document_by_id(t.execute, row.id)
    lines = draft.lines
    if lines is None and found is None and row.source is not None:
        lines = _outstanding(t, row)
    if lines is not None:
        LineSaving(t, row, rules).save(lines)
    if before is not None:
        if (document_by_id(t.execute, row.id), lines_of(t.execute, row.id)) == before:
            return before[0], "same"
        t.execute(
            "UPDATE document SET version = version + 1, changed_at = ? WHERE id = ?", (at, row.id)
        )
        refresh(t, row.id)
    row = document_by_id(t.execute, row.id)
    tell(
        t, at, "document.changed" if found else "document.made",
        f"documents/{row.type}/{row.number}", actor,
        {"type": row.type, "number": row.number, "status": row.status},
    )  # fmt: skip
    return row, "changed" if found else "new"


def _taken(broken: RuleBroken, draft: Draft) -> RegistryRefused:
    """Say which of a document's names another one has."""
    if broken.rule != "document_external":
        raise broken
    name = str(draft.head.get("external_id"))
    return RegistryRefused(
        "code_taken",
        f"Another {draft.type.replace('_', ' ')} has the external id {name!r}.",
        external_id=name,
    )  # fmt: skip


def _find(t: Transaction, draft: Draft, number: str) -> DocumentRow | None:
    if number:
        rows = list_documents(t.execute, draft.type, number=number, limit=1)
    elif draft.head.get("external_id"):
        rows = list_documents(t.execute, draft.type, external_id=draft.head["external_id"], limit=1)
    else:
        return None
    return rows[0] if rows else None


def draw_number(t: Transaction, kind: DocumentType) -> str:
    """Return the next number of a type that no document has."""
    name = f"registry.number.{kind}"
    while True:
        t.execute(
            "INSERT INTO setting (name, value) VALUES (?, '1') ON CONFLICT (name) DO UPDATE "
            "SET value = CAST(CAST(setting.value AS BIGINT) + 1 AS TEXT)",
            (name,),
        )
        row = t.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        number = f"{KINDS[kind].prefix}-{int(row[0]):0{WIDTH}d}"
        taken = t.execute(
            "SELECT 1 FROM document WHERE type = ? AND lower(number) = lower(?)",
            (kind.value, number),
        ).fetchone()
        if taken is None:
            return number


def _check_number(number: str) -> None:
    if not 1 <= len(number) <= 64 or not number.isprintable() or "/" in number:
        raise RegistryRefused(
            "value_wrong",
            f"A document's number must be 1 to 64 printable characters without '/', got "
            f"{number[:80]!r}.",
            key="number",
        )  # fmt: skip


def _save_head(t: Transaction, row: DocumentRow, draft: Draft, new: bool) -> None:
    head = draft.head
    finished = row.status not in UNFINISHED
    sets: dict[str, object] = {}
    columns = {"party": "party", "from": "from_place", "to": "to_place"}
    had = {"party": row.party_code, "from": row.from_code, "to": row.to_code}
    run = t.execute
    for key in ("party", "from", "to"):
        if key in head and folded(head[key]) != folded(had[key]):
            find = party_id if key == "party" else place_id
            sets[columns[key]] = None if head[key] is None else find(run, head[key])
    if isinstance(sets.get("party"), int):
        _check_party(t, row, sets["party"])
    if "source" in head:
        source = head["source"]
        found = None if source is None else document_id(run, source[0], source[1])
        if source is not None and type_of(source[0]) not in KINDS[row.type].sources:
            raise RegistryRefused(
                "document_wrong_type",
                f"A {row.type.replace('_', ' ')} cannot fulfil a {source[0].replace('_', ' ')}.",
                type=source[0], expected=list(KINDS[row.type].sources),
            )  # fmt: skip
        if found != row.source:
            sets["source"] = found
            if found is not None and new:
                _take_over(t, found, row, head, sets)
    for key in ("external_ref", "external_id", "currency", "due_on", "reason", "memo"):
        if key in head and head[key] != getattr(row, key):
            sets[key] = head[key]
    if head.get("fields"):
        values, wrong = check_fields(
            fields_of(t, "document"), json.loads(row.attrs), head["fields"], "", row.number
        )
        if wrong:
            raise refuse_all(wrong, len(head["fields"]), "fields")
        sets["attrs"] = json.dumps(values, ensure_ascii=False, sort_keys=True)
    if finished and not sets.keys() <= {*ALWAYS, "attrs"}:
        refuse_finished(row)
    if not sets:
        return
    if (
        {"party", "source"} & sets.keys()
        and not new
        and any(line.done or line.picked for line in lines_of(run, row.id))
    ):
        raise RegistryRefused(
            "document_not_editable",
            f"Something of {row.number} has moved already; its party and source stay.",
            document=row.number,
        )
    t.execute(
        f"UPDATE document SET {', '.join(f'{name} = ?' for name in sets)} WHERE id = ?",
        (*sets.values(), row.id),
    )


def _check_party(t: Transaction, row: DocumentRow, party: object) -> None:
    wants = KINDS[row.type].party
    code, kind = t.execute("SELECT code, kind FROM party WHERE id = ?", (party,)).fetchone()
    if wants and kind not in (wants, "both"):
        raise RegistryRefused(
            "party_wrong_kind",
            f"{code} is a {kind}; a {row.type.replace('_', ' ')} is for a {wants}.",
            party=code, kind=kind, expected=wants,
        )  # fmt: skip


def _take_over(
    t: Transaction, source: int, row: DocumentRow, head: Mapping[str, Any], sets: dict[str, object]
) -> None:
    """Let a new document say what its source says: for whom, from and to where, in what money."""
    of = document_by_id(t.execute, source)
    same = KINDS[of.type].party == KINDS[row.type].party
    for key, column, value in (
        ("party", "party", of.party if same else None),
        ("from", "from_place", of.from_place),
        ("to", "to_place", of.to_place),
        ("currency", "currency", of.currency),
    ):
        if key not in head and value:
            sets[column] = value


def _outstanding(t: Transaction, row: DocumentRow) -> list[DraftLine]:
    assert row.source is not None
    backwards = row.type in (DocumentType.CUSTOMER_RETURN, DocumentType.SUPPLIER_RETURN)
    lines = lines_of(t.execute, row.source)
    if row.type is DocumentType.INVOICE:
        return [_copied(line, line.quantity) for line in lines if line.kit_line is None]
    kits = {line.kit_line for line in lines if line.kit_line is not None}
    return [
        _copied(line, left)
        for line in lines
        if line.id not in kits
        and (left := line.done if backwards else line.quantity - line.done) > 0
    ]


def _copied(line: LineRow, quantity: int) -> DraftLine:
    return DraftLine(
        line.sku, Fraction(quantity), price=line.price, cost=line.cost, currency=line.currency,
        location=line.place_code, source_line=line.rank,
    )  # fmt: skip


def delete(t: Transaction, row: DocumentRow, actor: str) -> None:
    """Delete a draft on which nothing was chosen.

    Raises:
        RegistryRefused: it is no draft any more, or something is on it.
    """
    lines = lines_of(t.execute, row.id)
    if row.status != "draft" or any(line.chosen or line.counted for line in lines):
        raise RegistryRefused(
            "document_not_editable",
            f"{row.number} is {row.status}"
            + (" and has serials on it" if row.status == "draft" else "")
            + "; cancel it instead.",
            document=row.number, status=row.status,
        )  # fmt: skip
    t.execute("DELETE FROM document_line WHERE document = ?", (row.id,))
    t.execute("DELETE FROM document WHERE id = ?", (row.id,))
    body = {"type": row.type, "number": row.number}
    tell(t, now(), "document.deleted", f"documents/{row.type}/{row.number}", actor, body)
