"""Every constraint that must hold, provoked, and found by its name."""

from __future__ import annotations

import pytest

from gateway.store.constraints import RuleBroken
from gateway.store.engine import Database
from gateway.store.jobs import JobStore
from gateway.store.printers import PrinterStore
from gateway.store.requests import KEPT_FOR, Request, RequestStore
from tests.store.conftest import SETTINGS

LABEL = "INSERT INTO label (job, target, rank, number, copy, state, evidence) VALUES "
JOB = (
    "INSERT INTO job (target, kind, mode, accepted_at, actor, state, labels, first_label, queued) "
    "VALUES (1, ?, 'exact', 0, 'eve', 'queued', 2, 1, ?)"
)


@pytest.mark.parametrize(
    ("name", "statement", "values"),
    [
        ("printer_name_taken", "INSERT INTO printer (name, url, language, model, density, "
         "media_width, media_height, created_at, changed_at) "
         "VALUES ('DOCK', '', '', '', '8', 1, 1, 0, 0)", ()),
        ("printer_evidence", "UPDATE printer SET evidence = 'maybe'", ()),
        ("printer_media", "UPDATE printer SET media_width = 0", ()),
        ("job_counts_every_label", JOB, ("raw", 1)),
        ("job_kind", JOB, ("letter", 2)),
        ("label_state", LABEL + "(1, 1, 0, 1, 1, 'lost', NULL)", ()),
        ("label_proved", LABEL + "(1, 1, 0, 1, 1, 'printed', NULL)", ()),
        ("asset_kind", "INSERT INTO asset VALUES ('h', 'song', 'n', ?, 0, 'eve')", (b"",)),
        ("access_key_name_taken", "INSERT INTO access_key (id, name, hash, scopes, actor, "
         "created_at) VALUES ('1', 'erp', ?, '[]', 'eve', 0), ('2', 'ERP', ?, '[]', 'eve', 0)",
         (b"", b"")),
    ],
)  # fmt: skip
def test_a_constraint_refuses_by_its_name(
    fresh: Database, name: str, statement: str, values: tuple[object, ...]
) -> None:
    store = PrinterStore(fresh)
    fresh.run(lambda t: store.put(t, "dock", SETTINGS, "eve"))
    JobStore(fresh)
    with pytest.raises(RuleBroken) as refused:
        fresh.run(lambda t: t.execute(statement, values))
    assert refused.value.rule == name


def test_a_rule_without_a_name_has_none(fresh: Database) -> None:
    with pytest.raises(RuleBroken) as refused:
        fresh.run(lambda t: t.execute("INSERT INTO job_payload VALUES (1, ?)", (b"^XA",)))
    assert refused.value.rule is None


@pytest.mark.promise("R5")
def test_kept_answers_are_forgotten_after_seven_days_and_not_before(fresh: Database) -> None:
    store = RequestStore(fresh)
    for n in range(3):
        request = Request("eve", f"k{n}", b"d")
        fresh.run(lambda t, r=request, at=n: store.remember(t, r, 201, b"{}", at))  # type: ignore[misc]
    assert store.forget(KEPT_FOR) == 0
    assert store.forget(KEPT_FOR + 1) == 1
    assert store.answered(Request("eve", "k0", b"d")) is None
    assert store.answered(Request("eve", "k1", b"d")) == (201, b"{}")
    assert store.forget(KEPT_FOR + 5, limit=1) == 1
    assert store.answered(Request("other", "k2", b"other")) is None
