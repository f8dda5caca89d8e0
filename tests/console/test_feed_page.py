"""The feed in words: every kind that is told has a sentence, and its facts stand in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gateway
from gateway.console.feed import FEED_WORDS, KINDS, told, where
from gateway.registry.documents import Verb
from gateway.store.jobs import JOB_TOLD
from gateway.store.registry.acting import PAST
from gateway.store.registry.steps import _PAST

KIND = re.compile(r"[a-z]+\.[a-z_]+")
NOUNS = {kind for kind, _ in KINDS} | {"adjustment", "asset", "field", "pool", "registry"}


def kinds_told() -> Iterator[str]:
    """Yield the kinds that are written out where the feed is told something."""
    for path in Path(gateway.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name not in ("tell", "_tell"):
                continue
            for argument in node.args:
                for one in ast.walk(argument):
                    text = one.value if isinstance(one, ast.Constant) else None
                    if isinstance(text, str) and KIND.fullmatch(text):
                        yield text


def test_every_kind_that_is_told_has_a_sentence() -> None:
    kinds = {*kinds_told(), *JOB_TOLD.values()}
    kinds |= {f"{noun}.{past}" for noun in ("serial", "stock") for past in PAST.values()}
    kinds |= {f"document.{_PAST.get(verb, f'{verb}ed')}" for verb in Verb}
    assert {"printer.saved", "job.accepted", "webhook.dead"} <= kinds
    assert sorted(kinds - set(FEED_WORDS)) == []
    assert {kind.split(".")[0] for kind in FEED_WORDS} <= NOUNS


@pytest.mark.parametrize("kind", sorted(FEED_WORDS))
def test_a_sentence_needs_nothing_that_an_entry_lacks(kind: str) -> None:
    assert told({"type": kind, "subject": "things/X", "data": {}}, "en")


ENTRIES: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("job.held", "jobs/J7", {"job": "J7", "because": "The stock is too small."},
     "Job J7 is on hold. The stock is too small.", "/jobs/J7"),
    ("label.printed", "jobs/J7", {"job": "J7", "labels": [1, 2, 3, 4, 5, 6, 7]},
     "Job J7, on paper: 1, 2, 3, 4, 5 … +2", "/jobs/J7"),
    ("serial.received", "registry/events/9",
     {"serials": ["S1", "S2"], "count": 30, "items": ["DRILL"], "document": "receipt R/1"},
     "Received: S1, S2 … +28 (DRILL)", "/documents/receipt/R%2F1"),
    ("serial.held", "registry/events/9", {"serials": ["S&1"], "count": 1, "items": ["DRILL"]},
     "Held: S&1 (DRILL)", "/find?q=S%261"),
    ("stock.reorder_point_reached", "items/A B", {"item": "A B", "on_hand": 1, "reorder_point": 2},
     "A B is to be reordered: 1 left, reorder point 2.", "/items/A%20B"),
    ("scan.refused", "stations/dock",
     {"station": "dock", "scan": "100%s", "code": "code_unknown", "sentence": "Not known."},
     "dock: 100%s – refused: Not known.", "/station/dock"),
    ("printer.deleted", "printers/zebra", {"printer": "zebra"}, "Printer zebra was deleted.", ""),
    ("work.changed", "works/3", {"title": "Make a backup", "sentence": "It is made."},
     "Make a backup. It is made.", "/works"),
    ("registry.verified", "registry", {},
     "The record was proved; Health says what came of it.", ""),
    ("lot.held", "items/DRILL/lots/L1", {}, "Lot L1 is held.", "/items/DRILL"),
    ("drone.landed", "drones/1", {}, "drone.landed: drones/1", ""),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "subject", "body", "sentence", "to"), ENTRIES)
def test_an_entry_is_a_sentence_and_leads_to_what_it_is_about(
    kind: str, subject: str, body: dict[str, Any], sentence: str, to: str
) -> None:
    entry = {"type": kind, "subject": subject, "data": body}
    assert (told(entry, "en"), where(entry)) == (sentence, to)
