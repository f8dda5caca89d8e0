"""Drafts of labels, saved while somebody edits, and what becomes of them: a version, or nothing.

    put (often) ──► draft ──publish──► a version, which prints
                      │
                      └──propose──► waits for a second person ──approve──► a version
                                                             └─reject──► the draft stays

A draft may be anything: a label that is half done is kept as it is. Each save has a tag that no
other ever had, so of two people who save over each other one is told, and nothing is lost. What
prints meanwhile is the published version.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from gateway.errors import InputRefused, NotNow, NotPermitted, Stale, Unknown
from gateway.store.engine import Database, Transaction, now
from gateway.store.feed import tell
from gateway.store.names import check_name
from gateway.store.templates import TemplateStore, Version, check_seen

if TYPE_CHECKING:
    from gateway.templates.model import Template

LARGEST_DRAFT = 1_000_000
"""Bytes of a draft as it is sent."""

_DRAFT = "SELECT id, name, version, number, base, actor, at FROM template_draft"
_PROPOSAL = (
    "SELECT id, name, version, base, note, actor, at, state, decided_by, decided_at, reason, "
    "number FROM template_request"
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A label as somebody has it on the screen, without its document."""

    id: int
    name: str
    version: str
    """The version it would be published as; empty when it could not be."""
    number: int
    base: int
    """The number of the version it began from; 0 when there was none."""
    actor: str
    """Who saved it last."""
    at: int

    @property
    def tag(self) -> str:
        """What no other save of any draft has.

        >>> Draft(7, "bin", "", 3, 1, "eve", 0).tag
        '7.3'
        """
        return f"{self.id}.{self.number}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A document that shall become a version once a second person agrees."""

    id: int
    name: str
    version: str
    base: int
    note: str
    actor: str
    """Who asks."""
    at: int
    state: str
    """``waiting``, ``approved``, ``rejected``, ``withdrawn``."""
    decided_by: str
    decided_at: int | None
    reason: str
    number: int | None
    """The version it became."""


def ago(microseconds: int) -> str:
    """Return how long ago something was, in words.

    >>> ago(3_000_000), ago(119_000_000), ago(7_300_000_000), ago(200_000_000_000)
    ('a moment ago', 'a minute ago', '2 hours ago', '2 days ago')
    """
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = microseconds // (length * 1_000_000)
        if count == 1:
            return f"{'an' if unit == 'hour' else 'a'} {unit} ago"
        if count > 1:
            return f"{count} {unit}s ago"
    return "a moment ago"


class DraftStore:
    """All SQL about drafts and about what waits for a second person."""

    def __init__(
        self, database: Database, templates: TemplateStore, must_approve: Callable[[], bool]
    ) -> None:
        self._database, self._templates = database, templates
        self._must_approve = must_approve

    @property
    def must_approve(self) -> bool:
        """Whether a second person has to agree to each new version."""
        return self._must_approve()

    # ------------------------------------------------------------ reading

    def all(self) -> list[Draft]:
        """Return every draft, by name."""
        return [Draft(*row) for row in self._database.read(f"{_DRAFT} ORDER BY lower(name)")]

    def find(self, name: str) -> tuple[Draft, str]:
        """Return the draft of a label, and its document as JSON.

        Raises:
            Unknown: it has none.
        """
        rows = self._database.read(
            f"{_DRAFT.replace(' FROM', ', document FROM')} WHERE lower(name) = ?", (name.lower(),)
        )
        if not rows:
            raise _no_draft(name)
        return Draft(*rows[0][:-1]), str(rows[0][-1])

    def waiting(self) -> list[Proposal]:
        """Return what waits for a second person, oldest first."""
        rows = self._database.read(f"{_PROPOSAL} WHERE state = 'waiting' ORDER BY id")
        return [Proposal(*row) for row in rows]

    def proposal(self, name: str) -> Proposal:
        """Return the last document that was proposed for a label, whatever became of it.

        Raises:
            Unknown: none ever was.
        """
        rows = self._database.read(
            f"{_PROPOSAL} WHERE lower(name) = ? ORDER BY id DESC LIMIT 1", (name.lower(),)
        )
        if not rows:
            raise Unknown(f"Nothing was ever asked to be approved for {name[:80]!r}.")
        return Proposal(*rows[0])

    def approvals(self, name: str) -> dict[int, str]:
        """Return who approved which version of a template, by its number."""
        return dict(
            self._database.read(
                "SELECT number, decided_by FROM template_request "
                "WHERE lower(name) = ? AND state = 'approved'",
                (name.lower(),),
            )
        )

    # ------------------------------------------------------------ drafts

    def put(
        self,
        t: Transaction,
        name: str,
        document: str,
        actor: str,
        *,
        version: str = "",
        seen: str | None = None,
        base: int | None = None,
    ) -> tuple[Draft | None, bool]:
        """Save a draft; return it and whether it began now.

        None when the document is what it began from or what is published: then there is nothing to
        keep. ``version`` is the one it would be published as, empty when it could not be. ``seen``
        is the tag of the draft that was edited: ``""`` when there must be none, None when it does
        not matter. ``base`` is the number of the version it is a change of.

        Raises:
            Stale: somebody else has saved the draft meanwhile, or it is gone.
            InputRefused: it cannot be a name, or there is no version of that number.
        """
        was = self._draft(t, name)
        self._check_seen(t, name, was, seen)
        current = self._current(t, name)
        if base is None:
            base = was.base if was else current.number if current else 0
        began_from = self._based_on(t, name, base)
        if version and version in {began_from, current.version if current else ""}:
            if was is not None:
                self._end(t, was, actor)
            return None, False
        at = now()
        if was is not None:
            t.execute(
                "UPDATE template_draft SET document = ?, version = ?, number = number + 1, "
                "base = ?, actor = ?, at = ? WHERE id = ?",
                (document, version, base, actor, at, was.id),
            )
            return Draft(was.id, was.name, version, was.number + 1, base, actor, at), False
        kept = current.name if current else check_name(name, "template")
        ((number,),) = t.execute(
            "INSERT INTO template_draft (name, document, version, number, base, actor, at) "
            "VALUES (?, ?, ?, 1, ?, ?, ?) RETURNING id",
            (kept, document, version, base, actor, at),
        ).fetchall()
        tell(
            t, at, "template.drafted", f"templates/{kept}", actor, {"template": kept, "base": base}
        )
        return Draft(number, kept, version, 1, base, actor, at), True

    def discard(self, t: Transaction, name: str, actor: str, *, seen: str | None = None) -> None:
        """Throw a draft away.

        Raises:
            Unknown: there is none.
            Stale: somebody has saved it meanwhile.
        """
        was = self._draft(t, name)
        if was is None:
            raise _no_draft(name)
        self._check_seen(t, name, was, seen)
        self._end(t, was, actor)

    def publish(
        self, t: Transaction, draft: Draft, template: Template, actor: str, note: str = ""
    ) -> Version:
        """Let a draft be the version that prints from now on; return that.

        Raises:
            Stale: the draft was saved meanwhile, or another version was published.
        """
        self._check_still(t, draft)
        self._check_base(t, draft.name, draft.base)
        saved, _ = self._templates.save(t, template, actor, note=note)
        t.execute("DELETE FROM template_draft WHERE id = ?", (draft.id,))
        if (waiting := self._waiting(t, draft.name)) is not None:
            # It was asked for when a second person was still needed.
            self._decide(t, waiting, "withdrawn", actor, saved.at)
        return saved

    # ------------------------------------------------------------ a second person

    def propose_draft(
        self, t: Transaction, draft: Draft, template: Template, actor: str, note: str = ""
    ) -> Proposal:
        """Ask a second person to agree that a draft be published; the draft stays meanwhile.

        Raises:
            Stale: the draft was saved meanwhile, or another version was published.
        """
        self._check_still(t, draft)
        self._check_base(t, draft.name, draft.base)
        return self.propose(t, template, actor, note)

    def propose(
        self,
        t: Transaction,
        template: Template,
        actor: str,
        note: str = "",
        *,
        seen: str | None = None,
    ) -> Proposal:
        """Ask a second person to agree that a document be published, in place of what waited.

        ``seen`` is the version that was edited, as in ``TemplateStore.save``.

        Raises:
            InputRefused: it cannot be a name.
            NotNow: it is what prints already.
            Stale: the current version is another one by now.
        """
        current = self._current(t, template.name)
        check_seen(template.name, current, seen)
        if current is not None and current.version == template.version:
            raise NotNow(
                f"Template {current.name!r} is that already: version {current.number} is the same.",
                template=current.name,
                number=current.number,
            )
        name = current.name if current else check_name(template.name, "template")
        was = self._waiting(t, name)
        if was is not None and (was.version, was.note, was.actor) == (
            template.version, note, actor,
        ):  # fmt: skip
            return was
        at = now()
        if was is not None:
            self._decide(t, was, "withdrawn", actor, at)
        self._templates.keep(t, template)
        base = current.number if current else 0
        ((number,),) = t.execute(
            "INSERT INTO template_request (name, version, base, note, actor, at, state) "
            "VALUES (?, ?, ?, ?, ?, ?, 'waiting') RETURNING id",
            (name, template.version, base, note, actor, at),
        ).fetchall()
        body = {"template": name, "version": template.version, "note": note}
        tell(t, at, "template.requested", f"templates/{name}", actor, body)
        return Proposal(
            number, name, template.version, base, note, actor, at, "waiting", "", None, "", None
        )

    def approve(
        self,
        t: Transaction,
        name: str,
        template: Template,
        actor: str,
    ) -> Version:
        """Agree to what waits: it is the version that prints from now on; return that.

        ``template`` is what was looked at.

        Raises:
            NotNow: nothing waits.
            NotPermitted: whoever asked cannot agree as well.
            Stale: something else waits by now, or another version was published.
        """
        waiting = self._must_wait(t, name, template.version)
        self._other_person(waiting, actor, "approve")
        self._check_base(t, waiting.name, waiting.base)
        saved, _ = self._templates.save(t, template, waiting.actor, note=waiting.note)
        self._decide(t, waiting, "approved", actor, saved.at, number=saved.number)
        body = {"template": saved.name, "number": saved.number, "by": waiting.actor}
        tell(t, saved.at, "template.approved", f"templates/{saved.name}", actor, body)
        draft = self._draft(t, name)
        if draft is not None and draft.version == saved.version:
            t.execute("DELETE FROM template_draft WHERE id = ?", (draft.id,))
        elif draft is not None and draft.base == waiting.base:
            # It was edited on from what has been approved now.
            t.execute(
                "UPDATE template_draft SET base = ?, number = number + 1 WHERE id = ?",
                (saved.number, draft.id),
            )
        return saved

    def reject(
        self, t: Transaction, name: str, actor: str, reason: str, *, seen: str | None = None
    ) -> Proposal:
        """Say no to what waits, and why; its draft stays for whoever asked.

        Raises:
            NotNow: nothing waits.
            NotPermitted: whoever asked takes it back instead.
            Stale: something else waits by now.
        """
        waiting = self._must_wait(t, name, seen)
        self._other_person(waiting, actor, "reject")
        at = now()
        decided = self._decide(t, waiting, "rejected", actor, at, reason=reason)
        body = {"template": waiting.name, "by": waiting.actor, "reason": reason}
        tell(t, at, "template.rejected", f"templates/{waiting.name}", actor, body)
        return decided

    def withdraw(self, t: Transaction, name: str, actor: str, *, seen: str | None = None) -> None:
        """Take back what waits.

        Raises:
            NotNow: nothing waits.
            Stale: something else waits by now.
        """
        waiting = self._must_wait(t, name, seen)
        at = now()
        self._decide(t, waiting, "withdrawn", actor, at)
        body = {"template": waiting.name, "by": waiting.actor}
        tell(t, at, "template.withdrawn", f"templates/{waiting.name}", actor, body)

    # ------------------------------------------------------------ rows

    @staticmethod
    def _draft(t: Transaction, name: str) -> Draft | None:
        row = t.execute(f"{_DRAFT} WHERE lower(name) = ?", (name.lower(),)).fetchone()
        return None if row is None else Draft(*row)

    @staticmethod
    def _waiting(t: Transaction, name: str) -> Proposal | None:
        row = t.execute(
            f"{_PROPOSAL} WHERE lower(name) = ? AND state = 'waiting'", (name.lower(),)
        ).fetchone()
        return None if row is None else Proposal(*row)

    @staticmethod
    def _current(t: Transaction, name: str) -> Version | None:
        row = t.execute(
            "SELECT name, number, version, at, actor, note FROM template "
            "WHERE lower(name) = ? AND deleted = 0 ORDER BY number DESC LIMIT 1",
            (name.lower(),),
        ).fetchone()
        return None if row is None else Version(*row)

    @staticmethod
    def _based_on(t: Transaction, name: str, number: int) -> str:
        """Return the hash of the version with that number; empty for 0."""
        if number == 0:
            return ""
        row = t.execute(
            "SELECT version FROM template WHERE lower(name) = ? AND number = ? AND deleted = 0",
            (name.lower(), number),
        ).fetchone()
        if row is None:
            raise InputRefused(
                f"Template {name[:80]!r} has no version {number} for a draft to begin from.",
                key="base",
            )
        return str(row[0])

    @staticmethod
    def _end(t: Transaction, draft: Draft, actor: str) -> None:
        t.execute("DELETE FROM template_draft WHERE id = ?", (draft.id,))
        body = {"template": draft.name, "by": draft.actor}
        tell(t, now(), "template.discarded", f"templates/{draft.name}", actor, body)

    @staticmethod
    def _decide(
        t: Transaction,
        proposal: Proposal,
        state: str,
        actor: str,
        at: int,
        *,
        reason: str = "",
        number: int | None = None,
    ) -> Proposal:
        t.execute(
            "UPDATE template_request SET state = ?, decided_by = ?, decided_at = ?, reason = ?, "
            "number = ? WHERE id = ?",
            (state, actor, at, reason, number, proposal.id),
        )
        decided = {
            "state": state, "decided_by": actor, "decided_at": at, "reason": reason,
            "number": number,
        }  # fmt: skip
        return Proposal(**{**asdict(proposal), **decided})

    # ------------------------------------------------------------ what must hold

    def _check_seen(self, t: Transaction, name: str, draft: Draft | None, seen: str | None) -> None:
        if seen is None or seen == (draft.tag if draft else ""):
            return
        if draft is not None:
            ((document,),) = t.execute(
                "SELECT document FROM template_draft WHERE id = ?", (draft.id,)
            ).fetchall()
            raise Stale(
                f"The draft of {draft.name!r} was saved by {draft.actor} "
                f"{ago(now() - draft.at)}; take that one, save over it, or keep yours under "
                "another name.",
                template=draft.name,
                **_facts(draft, document),
            )
        current = self._current(t, name)
        became = f"; version {current.number} by {current.actor} is published" if current else ""
        raise Stale(
            f"There is no draft of {name[:80]!r} any more: it was published or thrown away "
            f"meanwhile{became}.",
            template=name[:80],
            tag=None,
            number=current.number if current else 0,
        )

    def _check_still(self, t: Transaction, draft: Draft) -> None:
        """Check that a draft is the one it was a moment ago."""
        self._check_seen(t, draft.name, self._draft(t, draft.name), draft.tag)

    def _check_base(self, t: Transaction, name: str, base: int) -> None:
        current = self._current(t, name)
        number = current.number if current else 0
        if number == base:
            return
        if current is None:
            raise Stale(f"Template {name!r} was deleted meanwhile.", template=name, number=0)
        raise Stale(
            f"Version {number} of {current.name!r} was published by {current.actor} "
            f"{ago(now() - current.at)}, and this is a change of "
            f"{f'version {base}' if base else 'nothing'}; look at both before one replaces the "
            "other.",
            template=current.name,
            number=number,
            base=base,
            actor=current.actor,
        )

    def _must_wait(self, t: Transaction, name: str, seen: str | None) -> Proposal:
        waiting = self._waiting(t, name)
        if waiting is None:
            raise NotNow(f"Nothing of {name[:80]!r} waits for a second person.", template=name[:80])
        if seen is not None and seen != waiting.version:
            raise Stale(
                f"Something else waits by now for {waiting.name!r}, from {waiting.actor}; look at "
                "that first.",
                template=waiting.name,
                version=waiting.version,
            )
        return waiting

    @staticmethod
    def _other_person(waiting: Proposal, actor: str, wish: str) -> None:
        if actor == waiting.actor:
            raise NotPermitted(
                f"{actor} asked for this version of {waiting.name!r} and cannot {wish} it as well; "
                "somebody else must, with a key of their own.",
                actor=actor,
                template=waiting.name,
            )


def _facts(draft: Draft, document: str) -> dict[str, Any]:
    return {
        "tag": draft.tag,
        "actor": draft.actor,
        "at": draft.at,
        "base": draft.base,
        "document": json.loads(document),
    }


def _no_draft(name: str) -> Unknown:
    return Unknown(
        f"Template {name[:80]!r} has no draft: nothing but what is published.", template=name[:80]
    )
