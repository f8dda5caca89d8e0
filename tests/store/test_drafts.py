"""Drafts in the database: of two who save over each other one is told; a second person agrees."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.errors import InputRefused, NotNow, NotPermitted, Stale, Unknown
from gateway.store.drafts import Draft, DraftStore, Proposal
from gateway.store.engine import Database
from gateway.store.feed import entries_after
from gateway.store.templates import TemplateStore, Version
from gateway.templates.document import parse_template
from gateway.templates.model import Template


def document(title: str = "Bin", name: str = "bin") -> str:
    return json.dumps(
        {"name": name, "title": title, "size": {"width": 50_000, "height": 25_000}, "elements": []}
    )


def template(title: str = "Bin", name: str = "bin") -> Template:
    return parse_template(document(title, name))


class Desk:
    """Two stores and what people do with them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.templates = TemplateStore(database)
        self.approval = False
        self.drafts = DraftStore(database, self.templates, lambda: self.approval)

    def save(self, title: str, actor: str = "eve") -> Version:
        wanted = template(title)
        return self.database.run(lambda t: self.templates.save(t, wanted, actor))[0]

    def put(
        self,
        title: str,
        actor: str = "anna",
        seen: str | None = None,
        base: int | None = None,
        name: str = "bin",
    ) -> Draft | None:
        version = template(title, name).version
        return self.database.run(
            lambda t: self.drafts.put(
                t, name, document(title, name), actor, version=version, seen=seen, base=base
            )
        )[0]

    def publish(self, draft: Draft, title: str, actor: str = "anna") -> Version:
        return self.database.run(
            lambda t: self.drafts.publish(t, draft, template(title), actor, "larger")
        )

    def propose(self, title: str, actor: str = "anna", note: str = "") -> Proposal:
        return self.database.run(lambda t: self.drafts.propose(t, template(title), actor, note))

    def approve(self, title: str, actor: str) -> Version:
        return self.database.run(lambda t: self.drafts.approve(t, "BIN", template(title), actor))

    def kinds(self) -> list[str]:
        return [entry.kind for entry in entries_after(self.database, 0)]


@pytest.fixture
def desk(fresh: Database) -> Desk:
    return Desk(fresh)


def test_a_draft_is_saved_often_and_told_of_once(desk: Desk) -> None:
    desk.save("Bin")
    first = desk.put("Shelf", seen="")
    assert first is not None
    assert (first.name, first.base, first.actor, first.number) == ("bin", 1, "anna", 1)
    second = desk.put("Shelf 2", "bert", seen=first.tag)
    assert second is not None
    assert (second.id, second.number, second.base) == (first.id, 2, 1)
    kept, text = desk.drafts.find("BIN")
    assert kept == second
    assert json.loads(text)["title"] == "Shelf 2"
    assert desk.drafts.all() == [second]
    assert desk.kinds() == ["template.saved", "template.drafted"]
    published = desk.publish(second, "Shelf 2")
    assert (published.number, published.note, published.actor) == (2, "larger", "anna")
    assert desk.drafts.all() == []
    assert desk.kinds() == ["template.saved", "template.drafted", "template.saved"]
    assert DraftStore(desk.database, TemplateStore(desk.database), bool).all() == []


def test_who_saves_over_a_newer_draft_is_told_who_when_and_what(desk: Desk) -> None:
    first = desk.put("A", "anna", seen="")
    assert first is not None
    with pytest.raises(Stale, match="saved by anna a moment ago") as begun:
        desk.put("B", "bert", seen="")
    assert begun.value.facts["document"] == json.loads(document("A"))
    assert begun.value.facts["tag"] == first.tag
    second = desk.put("B", "bert", seen=first.tag)
    assert second is not None
    with pytest.raises(Stale, match="saved by bert") as stale:
        desk.put("C", "anna", seen=first.tag)
    assert stale.value.facts["document"] == json.loads(document("B"))
    # Keep mine: over the one that was shown.
    mine = desk.put("C", "anna", seen=str(stale.value.facts["tag"]))
    assert mine is not None
    assert mine.number == 3
    # Under another name: a label that was never published.
    other = desk.put("C", "anna", seen="", name="bin-of-anna")
    assert other is not None
    assert (other.base, [draft.name for draft in desk.drafts.all()]) == (0, ["bin", "bin-of-anna"])


def test_of_many_who_save_at_once_one_wins(desk: Desk) -> None:
    first = desk.put("A", seen="")
    assert first is not None

    def save(number: int) -> str:
        try:
            draft = desk.put(f"A {number}", f"hand-{number}", seen=first.tag)
        except Stale:
            return ""
        assert draft is not None
        return draft.actor

    with ThreadPoolExecutor(8) as hands:
        winners = [name for name in hands.map(save, range(8)) if name]
    assert len(winners) == 1
    assert desk.drafts.find("bin")[0].actor == winners[0]


def test_a_draft_that_says_what_is_published_vanishes(desk: Desk) -> None:
    desk.save("Bin")
    assert desk.put("Bin", seen="") is None
    draft = desk.put("Shelf", seen="")
    assert draft is not None
    assert desk.put("Bin", seen=draft.tag) is None
    with pytest.raises(Unknown, match="'bin' has no draft"):
        desk.drafts.find("bin")
    with pytest.raises(Stale, match=r"no draft of 'bin' any more.*version 1 by eve"):
        desk.put("Shelf", seen=draft.tag)
    again = desk.put("Shelf", seen="")
    assert again is not None
    assert again.tag != draft.tag  # no tag comes twice
    assert desk.kinds()[1:] == ["template.drafted", "template.discarded", "template.drafted"]


def test_a_draft_is_published_only_over_the_version_it_began_from(desk: Desk) -> None:
    desk.save("Bin")
    draft = desk.put("Shelf")
    assert draft is not None
    desk.save("Box", "bert")
    with pytest.raises(Stale, match=r"Version 2 of 'bin' was published by bert .* version 1;"):
        desk.publish(draft, "Shelf")
    # Anna has looked at it, and keeps hers as a change of that.
    rebased = desk.put("Shelf", seen=draft.tag, base=2)
    assert rebased is not None
    with pytest.raises(Stale, match="saved by anna"):
        desk.publish(draft, "Shelf")  # not the draft that is there now
    assert desk.publish(rebased, "Shelf").number == 3
    with pytest.raises(InputRefused, match="no version 9 for a draft"):
        desk.put("Bin", base=9)


def test_a_draft_goes_with_its_template_and_when_it_is_thrown_away(desk: Desk) -> None:
    desk.save("Bin")
    draft = desk.put("Shelf")
    desk.propose("Shelf")
    desk.database.run(lambda t: desk.templates.delete(t, "bin", "eve"))
    assert (desk.drafts.all(), desk.drafts.waiting()) == ([], [])
    assert desk.drafts.proposal("bin").state == "withdrawn"
    draft = desk.put("New", seen="")
    assert draft is not None
    assert draft.base == 0
    desk.put("Newer")
    with pytest.raises(Stale, match="saved by anna"):
        desk.database.run(lambda t: desk.drafts.discard(t, "bin", "bert", seen=draft.tag))
    desk.database.run(lambda t: desk.drafts.discard(t, "bin", "bert"))
    with pytest.raises(Unknown):
        desk.database.run(lambda t: desk.drafts.discard(t, "bin", "bert"))
    with pytest.raises(InputRefused, match="cannot be a template's name"):
        desk.database.run(lambda t: desk.drafts.put(t, "no name", "{}", "anna"))


def test_nothing_of_a_refused_save_is_kept(desk: Desk) -> None:
    first = desk.put("A", seen="")
    assert first is not None
    with desk.database.paused():  # both share one commit, of which one piece is refused
        good = desk.database.submit(
            lambda t: desk.drafts.put(t, "bin", document("B"), "anna", seen=first.tag)
        )
        late = desk.database.submit(
            lambda t: desk.drafts.put(t, "bin", document("C"), "bert", seen=first.tag)
        )
    kept, _ = good.result()
    assert kept is not None
    with pytest.raises(Stale, match="saved by anna"):
        late.result()
    assert json.loads(desk.drafts.find("bin")[1])["title"] == "B"


# ---------------------------------------------------------------- a second person


def test_nobody_agrees_to_what_they_asked_for(desk: Desk) -> None:
    desk.save("Bin")
    draft = desk.put("Shelf")
    assert draft is not None
    asked = desk.database.run(
        lambda t: desk.drafts.propose_draft(t, draft, template("Shelf"), "anna", "larger")
    )
    assert (asked.state, asked.base, asked.note) == ("waiting", 1, "larger")
    assert desk.templates.current("bin").number == 1  # prints meanwhile
    with pytest.raises(NotPermitted, match="anna asked for this version of 'bin' and cannot appr"):
        desk.approve("Shelf", "anna")
    with pytest.raises(NotPermitted, match="cannot reject it as well"):
        desk.database.run(lambda t: desk.drafts.reject(t, "bin", "anna", "no"))
    with pytest.raises(Stale, match="Something else waits by now for 'bin', from anna"):
        desk.approve("Another", "bert")
    saved = desk.approve("Shelf", "bert")
    assert (saved.number, saved.actor, saved.note) == (2, "anna", "larger")
    assert desk.drafts.approvals("bin") == {2: "bert"}
    assert (desk.drafts.waiting(), desk.drafts.all()) == ([], [])
    decided = desk.drafts.proposal("bin")
    assert (decided.state, decided.decided_by, decided.number) == ("approved", "bert", 2)
    with pytest.raises(NotNow, match="Nothing of 'BIN' waits"):
        desk.approve("Shelf", "bert")
    assert desk.kinds()[2:] == ["template.requested", "template.saved", "template.approved"]


def test_what_is_edited_on_while_it_waits_is_a_change_of_what_was_approved(desk: Desk) -> None:
    desk.save("Bin")
    desk.put("Shelf")
    desk.propose("Shelf")
    edited = desk.put("Shelf 2")
    assert edited is not None
    desk.approve("Shelf", "bert")
    draft, text = desk.drafts.find("bin")
    assert (draft.base, json.loads(text)["title"]) == (2, "Shelf 2")
    assert draft.tag != edited.tag
    assert desk.publish(draft, "Shelf 2").number == 3


def test_asking_again_replaces_what_waited(desk: Desk) -> None:
    desk.save("Bin")
    first = desk.propose("Shelf")
    assert desk.propose("Shelf") == first
    second = desk.propose("Box", "bert")
    assert desk.drafts.waiting() == [second]
    with pytest.raises(NotNow, match="version 1 is the same"):
        desk.propose("Bin")
    desk.database.run(lambda t: desk.drafts.withdraw(t, "bin", "bert", seen=second.version))
    assert desk.drafts.proposal("bin").state == "withdrawn"
    with pytest.raises(NotNow):
        desk.database.run(lambda t: desk.drafts.withdraw(t, "bin", "bert"))


def test_what_is_refused_keeps_its_reason_and_its_draft(desk: Desk) -> None:
    desk.save("Bin")
    desk.put("Shelf")
    desk.propose("Shelf")
    desk.database.run(lambda t: desk.drafts.reject(t, "bin", "bert", "the logo is too small"))
    last = desk.drafts.proposal("bin")
    assert (last.state, last.decided_by, last.reason) == (
        "rejected", "bert", "the logo is too small",
    )  # fmt: skip
    assert [draft.name for draft in desk.drafts.all()] == ["bin"]


def test_nothing_is_approved_over_a_version_that_came_since(desk: Desk) -> None:
    desk.save("Bin")
    desk.propose("Shelf")
    desk.save("Box")
    with pytest.raises(Stale, match="Version 2 of 'bin' was published by eve"):
        desk.approve("Shelf", "bert")
    with pytest.raises(Stale, match="version 2 is current"):
        desk.database.run(
            lambda t: desk.drafts.propose(t, template("Case"), "anna", seen=template("Bin").version)
        )


def test_what_waits_is_over_once_its_draft_is_published_without_a_second_person(
    desk: Desk,
) -> None:
    desk.save("Bin")
    draft = desk.put("Shelf")
    assert draft is not None
    desk.propose("Shelf")
    desk.publish(draft, "Shelf")
    assert (desk.drafts.waiting(), desk.drafts.proposal("bin").state) == ([], "withdrawn")


@pytest.mark.parametrize("approval", [False, True])
def test_the_setting_is_asked_each_time(desk: Desk, approval: bool) -> None:
    desk.approval = approval
    assert desk.drafts.must_approve is approval
