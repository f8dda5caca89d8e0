from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from gateway.registry.lives import Action
from gateway.store.registry.acting import Act, Target
from gateway.store.registry.events import By
from tests.cli.conftest import Run

if TYPE_CHECKING:
    from tests.conftest import Daemon

pytestmark = pytest.mark.usefixtures("stocked")

WHEN = 1_767_225_600_000_000
"""1 January 2026."""


@pytest.fixture(scope="module")
def stocked(shared_daemon: Daemon) -> Daemon:
    """A daemon with two drills, which have a GTIN, in a bin."""
    registry = shared_daemon.gateway.parts.registry

    def fill(t: object) -> None:
        execute = t.execute  # type: ignore[attr-defined]
        execute(
            "INSERT INTO item (id, sku, name, tracking, gtin, reorder_point, created_at, "
            "changed_at) VALUES (1, 'DRILL', 'Drill', 'serial', '09501101530003', 5, 0, 0)"
        )
        execute("INSERT INTO place (id, code, created_at, changed_at) VALUES (1, 'A', 0, 0)")

    registry.database.run(fill)
    act = Act(Action.RECEIVE, [Target("1"), Target("2")], 1, place=1, at=WHEN)
    registry.database.run(partial(registry.perform, act=act, by=By("local"), may=lambda _: True))
    return shared_daemon


@pytest.mark.seed("T19")
def test_stock_is_listed_with_where_it_is(at_daemon: Run) -> None:
    ran = at_daemon("stock", "list", "--by", "location")
    assert (ran.code, ran.out) == (
        0,
        "item   name   location  on hand  on order  committed  available  held  reorder\n"
        "-----  -----  --------  -------  --------  ---------  ---------  ----  -----------\n"
        "DRILL  Drill                  2  0                 0          2     0  5 (reached)\n"
        "              A               2                    0          2     0\n",
    )
    assert [one["item"] for one in at_daemon("stock", "list", "--below", "--json").answer] == [
        "DRILL"
    ]
    assert "nothing like that" in at_daemon("stock", "list", "SAW").out
    moved = at_daemon("stock", "movements", "drill", "--limit", "1")
    assert moved.out.splitlines()[2].split()[2:6] == ["receive", "2", "1", "received"]


@pytest.mark.seed("E29")
def test_a_report_is_found_looked_at_and_saved(at_daemon: Run, tmp_path: Path) -> None:
    assert (
        at_daemon("report", "list", "--name", "by item")
        .out.splitlines()[2]
        .startswith("serials_by_item  Serials by item")
    )
    seen = at_daemon("report", "preview", "serials_by_item", "--param", "item=DRILL",
                     "--limit", "1")  # fmt: skip
    assert seen.out.splitlines()[-1].startswith("There are more; label-gateway report run")
    printed = at_daemon("report", "run", "serials_by_item", "--param", "filter.serial=2")
    assert printed.out.splitlines()[1].split(",")[:3] == ["DRILL", "Drill", "2"]
    book = tmp_path / "drills.xlsx"
    saved = at_daemon("report", "run", "serials_by_item", "--output", book)
    assert (saved.code, saved.out) == (0, f"{book} is written ({book.stat().st_size} bytes).\n")
    sheet = load_workbook(book).worksheets[0]
    assert [cell.value for cell in sheet["C"]] == ["serial", "1", "2"]
    assert list(tmp_path.iterdir()) == [book], "no half file is left"
    wrong = at_daemon("report", "run", "serials_by_state", "--output", tmp_path / "x.csv")
    assert (wrong.code, wrong.err) == (
        1, "The report 'Serials by status' needs 'state': status.\n",
    )  # fmt: skip
    assert list(tmp_path.iterdir()) == [book]
    assert at_daemon("report", "run", "reorder", "--output", tmp_path / "x.doc").code == 2


def test_the_record_is_proved_and_anchored(at_daemon: Run, stocked: Daemon) -> None:
    head = at_daemon("registry", "chain", "--json").answer
    assert f"hash   {head['hash']}" in at_daemon("registry", "chain").out
    proved = at_daemon("registry", "verify", "--seq", head["seq"], "--hash", head["hash"])
    assert (proved.code, proved.out) == (
        0, "The record is whole: 1 events, 2 movements and 2 serials were looked at.\n",
    )  # fmt: skip
    assert at_daemon("registry", "verify", "--seq", head["seq"], "--hash", "0" * 64).code == 1
    assert "Every counter is right" in at_daemon("registry", "rebuild").out
    stocked.gateway.parts.database.run(lambda t: t.execute("UPDATE stock SET quantity = 1"))
    asked = at_daemon("registry", "rebuild")
    assert (asked.code, asked.out.splitlines()[0]) == (
        1, "The counter of DRILL at A (received) says 1, and by the movements it is 2.",
    )  # fmt: skip
    assert at_daemon("registry", "verify").code == 1
    assert at_daemon("registry", "rebuild", "--yes").code == 0
    assert at_daemon("registry", "verify").code == 0


def test_events_are_saved_and_taken(at_daemon: Run, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonld"
    at_daemon("registry", "export", "--from", "2026-01-01", "--to", "2026-01-01", "--output", file)
    document = json.loads(file.read_bytes())
    (event,) = document["epcisBody"]["eventList"]
    assert event["bizStep"] == "receiving"
    event["eventID"] = "urn:uuid:11111111-1111-4111-8111-111111111111"
    file.write_text(json.dumps(document))
    refused = at_daemon("registry", "import", file)
    assert refused.code == 1
    assert "Serial 1 of DRILL is on hand at A." in refused.err
    event["epcList"] = ["https://id.gs1.org/01/09501101530003/21/77"]
    event.pop("lg:describes", None)
    file.write_text(json.dumps(document))
    tried = at_daemon("registry", "import", file, "--location", "A", "--dry-run")
    assert tried.out.startswith("1 events would be applied, 0 were known")
    taken = at_daemon("registry", "import", file, "--location", "A")
    assert (taken.code, taken.out.split(",")[0]) == (0, "1 events were applied")
    assert at_daemon("registry", "import", tmp_path / "none.jsonld").code == 1
