"""Templates in the database: versions by content, numbers by saving, built-ins left alone."""

from __future__ import annotations

import json

import pytest

from gateway.errors import Stale, UnknownTemplate
from gateway.store.engine import Database
from gateway.store.templates import BUILT_IN, TemplateStore, Version
from gateway.templates.document import parse_template


def document(name: str = "bin", title: str = "Bin") -> str:
    return json.dumps(
        {"name": name, "title": title, "size": {"width": 50_000, "height": 25_000}, "elements": []}
    )


def save(database: Database, store: TemplateStore, text: str, **options: str) -> Version:
    template = parse_template(text)
    return database.run(lambda t: store.save(t, template, "eve", **options))[0]


def test_the_same_content_is_the_same_version(fresh: Database) -> None:
    store = TemplateStore(fresh)
    first = save(fresh, store, document())
    assert save(fresh, store, json.dumps(json.loads(document()), indent=4)) == first
    second = save(fresh, store, document(title="Shelf"), note="a new name")
    third = save(fresh, store, document())
    assert [v.number for v in store.history("bin")] == [3, 2, 1]
    assert (third.version, second.note) == (first.version, "a new name")
    assert store.find("BIN").title == "Bin"
    assert store.find("bin", "2").title == "Shelf"
    assert store.find("bin", second.version).title == "Shelf"
    with pytest.raises(UnknownTemplate, match="has no version '9'"):
        store.find("bin", "9")
    with pytest.raises(UnknownTemplate, match="There is no template 'bim'; did you mean 'bin'"):
        store.find("bim")
    assert TemplateStore(fresh).all() == store.all()


def test_a_deleted_template_is_gone_by_name_and_kept_by_version(fresh: Database) -> None:
    store = TemplateStore(fresh)
    version = save(fresh, store, document()).version
    fresh.run(lambda t: store.delete(t, "bin", "eve"))
    with pytest.raises(UnknownTemplate):
        store.current("bin")
    assert TemplateStore(fresh).by_version(version).title == "Bin"
    assert save(fresh, store, document()).number == 2
    assert [v.number for v in store.history("bin")] == [2]


def test_a_version_that_was_not_seen_is_not_replaced(fresh: Database) -> None:
    store = TemplateStore(fresh)
    first = save(fresh, store, document(), seen="")
    with pytest.raises(Stale):
        save(fresh, store, document(title="Shelf"), seen="")
    save(fresh, store, document(title="Shelf"), seen=first.version)
    with pytest.raises(Stale, match="version 2 is current"):
        save(fresh, store, document(title="Other"), seen=first.version)


def test_a_document_is_read_once(fresh: Database) -> None:
    version = save(fresh, TemplateStore(fresh), document()).version
    reads: list[str] = []

    def read(text: str) -> object:
        reads.append(text)
        return parse_template(text)

    store = TemplateStore(fresh, read)  # type: ignore[arg-type]
    assert reads == []
    assert store.by_version(version) is store.find("bin")
    assert len(reads) == 1


def test_built_ins_come_once_and_follow_new_ones(fresh: Database) -> None:
    def seed(**titles: str) -> int:
        shipped = {name: document(name, title).encode() for name, title in titles.items()}
        return TemplateStore(fresh).seed(shipped)

    assert seed(bin="Bin", tag="Tag", box="Box") == 3
    assert seed(bin="Bin", tag="Tag", box="Box") == 0
    store = TemplateStore(fresh)
    assert {v.actor for v in store.all()} == {BUILT_IN}
    save(fresh, store, document("tag", "Mine"))
    fresh.run(lambda t: store.delete(t, "box", "eve"))
    # A new release: the untouched one is replaced, the changed and the deleted ones are not.
    assert seed(bin="Bin 2", tag="Tag 2", box="Box 2") == 1
    now_there = TemplateStore(fresh)
    assert {v.name: now_there.find(v.name).title for v in now_there.all()} == {
        "bin": "Bin 2",
        "tag": "Mine",
    }
    # The old release again: its versions are known, and nothing goes back.
    assert seed(bin="Bin", tag="Tag", box="Box") == 0
