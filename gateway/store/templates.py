"""Templates in the database: immutable versions by content, and numbers that people count by.

The same document is the same version wherever it comes from; a name's history is a list of
(number, version). Documents are read when they are first needed and kept by version, so starting
costs nothing and a job pays once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from gateway.errors import Stale, UnknownTemplate
from gateway.store.engine import Database, Transaction, now
from gateway.store.feed import tell
from gateway.store.names import check_name, similar

if TYPE_CHECKING:
    from gateway.templates.model import Template

MOST_KEPT = 64
"""Templates kept as read values; a warehouse prints from a handful."""

BUILT_IN = "gateway"
"""The actor of built-in templates. What anybody else has saved is never replaced by them."""


@dataclass(frozen=True, slots=True)
class Version:
    """One saved version of a template."""

    name: str
    number: int
    """1, 2, 3 … in the order of saving."""
    version: str
    """SHA-256 of the canonical document."""
    at: int
    actor: str
    note: str


_ROW = "SELECT name, number, version, at, actor, note FROM template "
_CURRENT = (
    f"{_ROW} AS t WHERE deleted = 0 AND number = "
    "(SELECT max(number) FROM template WHERE name = t.name AND deleted = 0)"
)


def check_seen(name: str, current: Version | None, seen: str | None) -> None:
    """Check that the version somebody has edited is the current one: ``""`` for none at all.

    Raises:
        Stale: it is another one by now.
    """
    if seen is not None and seen != (current.version if current else ""):
        raise Stale(
            f"Template {name!r} was changed meanwhile (version {current.number} is current); read "
            "it again and repeat the change."
            if current
            else f"Template {name!r} was deleted meanwhile.",
            template=name,
        )


def _parse(document: str) -> Template:
    from gateway.templates.document import parse_template  # late: starting does not need it

    return parse_template(document)


class TemplateStore:
    """All SQL about templates, and the read ones by version."""

    def __init__(self, database: Database, parse: Callable[[str], Template] = _parse) -> None:
        self._database, self._parse = database, parse
        # Replaced whole after a commit, never changed: readers on any thread need no lock.
        self._current = {row[0].lower(): Version(*row) for row in database.read(_CURRENT)}
        self._kept: OrderedDict[str, Template] = OrderedDict()

    def reload(self, t: Transaction) -> None:
        """Know what is there now: another daemon has written."""
        self._current = {row[0].lower(): Version(*row) for row in t.execute(_CURRENT)}

    # ------------------------------------------------------------ reading

    def all(self) -> list[Version]:
        """Return the current version of every template, by name."""
        return [version for _, version in sorted(self._current.items())]

    def current(self, name: str) -> Version:
        """Return the current version of a template.

        Raises:
            UnknownTemplate: there is none of that name.
        """
        found = self._current.get(name.lower())
        if found is None:
            raise self._unknown(name)
        return found

    def prints(self, template: Template) -> bool:
        """Return whether the document is what prints under its name now."""
        current = self._current.get(template.name.lower())
        return current is not None and current.version == template.version

    def find(self, name: str, version: str | None = None) -> Template:
        """Return a template, its current version or the given one (its hash, or its number).

        Raises:
            UnknownTemplate: there is none of that name, or it has no such version.
        """
        if version is None:
            return self.by_version(self.current(name).version)
        current = self._current.get(name.lower())
        if current is not None and version in (current.version, str(current.number)):
            return self.by_version(current.version)
        return self.by_version(self.saved(name, version).version)

    def by_version(self, version: str) -> Template:
        """Return the template with that content address, current or not, deleted or not.

        Raises:
            UnknownTemplate: there is none.
        """
        kept = self._kept.get(version)
        if kept is not None:
            return kept
        template = self._parse(self.document(version))
        self._kept[version] = template
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return template

    def document(self, version: str) -> str:
        """Return the canonical JSON of a version.

        Raises:
            UnknownTemplate: there is none.
        """
        rows = self._database.read(
            "SELECT document FROM template_version WHERE version = ?", (version,)
        )
        if not rows:
            raise UnknownTemplate(
                f"There is no template version {version[:80]!r}.", version=version[:80]
            )
        return str(rows[0][0])

    def made_at(self, version: str) -> int:
        """Return when a version's document was first saved, under whatever name.

        Raises:
            UnknownTemplate: there is none.
        """
        rows = self._database.read("SELECT at FROM template_version WHERE version = ?", (version,))
        if not rows:
            raise UnknownTemplate(
                f"There is no template version {version[:80]!r}.", version=version[:80]
            )
        return int(rows[0][0])

    def history(self, name: str, *, after: int | None = None, limit: int = 100) -> list[Version]:
        """Return the saved versions of a template, newest first, below the number ``after``.

        Raises:
            UnknownTemplate: there is none of that name.
        """
        rows = self._database.read(
            f"{_ROW} WHERE lower(name) = ? AND deleted = 0 AND number < ? "
            "ORDER BY number DESC LIMIT ?",
            (name.lower(), after if after is not None else 1 << 62, limit),
        )
        if not rows and after is None:
            raise self._unknown(name)
        return [Version(*row) for row in rows]

    def saved(self, name: str, version: str) -> Version:
        """Return one saved version of a template, by its number or its hash.

        Raises:
            UnknownTemplate: there is none.
        """
        is_number = version.isascii() and version.isdecimal() and len(version) < 10
        column, value = ("number", int(version)) if is_number else ("version", version)
        rows = self._database.read(
            f"{_ROW} WHERE lower(name) = ? AND {column} = ? AND deleted = 0 "
            "ORDER BY number DESC LIMIT 1",
            (name.lower(), value),
        )
        if not rows:
            self.current(name)
            raise UnknownTemplate(
                f"Template {name!r} has no version {version[:80]!r}; /v1/templates/{name}/versions "
                "lists them.",
                template=name,
                version=version[:80],
            )
        return Version(*rows[0])

    def _unknown(self, name: str) -> UnknownTemplate:
        known = [version.name for version in self.all()]
        return UnknownTemplate(
            f"There is no template {name[:80]!r}{similar(name[:80], known)}", template=name[:80]
        )

    # ------------------------------------------------------------ writing

    def save(
        self,
        t: Transaction,
        template: Template,
        actor: str,
        *,
        note: str = "",
        seen: str | None = None,
    ) -> tuple[Version, bool]:
        """Save a template under its name; return the version and whether the name is new.

        The document that is current already makes no new version. ``seen`` is the version the
        caller has edited: ``""`` when the name must be new, None when it does not matter.

        Raises:
            Stale: the current version is another one by now.
            InputRefused: it cannot be a name.
        """
        at = now()
        row = t.execute(
            f"{_ROW} WHERE lower(name) = ? AND deleted = 0 ORDER BY number DESC LIMIT 1",
            (template.name.lower(),),
        ).fetchone()
        was = None if row is None else Version(*row)
        check_seen(template.name, was, seen)
        if was is not None and was.version == template.version:
            return was, False
        name = was.name if was else check_name(template.name, "template")
        t.execute(
            "INSERT INTO template_version VALUES (?, ?, ?) ON CONFLICT (version) DO NOTHING",
            (template.version, template.document, at),
        )
        last = t.execute(
            "SELECT coalesce(max(number), 0) FROM template WHERE lower(name) = ?", (name.lower(),)
        ).fetchone()[0]
        saved = Version(name, last + 1, template.version, at, actor, note)
        t.execute(
            "INSERT INTO template (name, number, version, at, actor, note) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (name, saved.number, saved.version, at, actor, note),
        )
        body = {"template": name, "number": saved.number, "version": saved.version}
        tell(t, at, "template.saved", f"templates/{name}", actor, body)
        t.after(lambda: self._show(saved))
        return saved, was is None

    @staticmethod
    def keep(t: Transaction, template: Template) -> None:
        """Keep a version that has no name in the list: the test label of one printer."""
        t.execute(
            "INSERT INTO template_version VALUES (?, ?, ?) ON CONFLICT (version) DO NOTHING",
            (template.version, template.document, now()),
        )

    def delete(self, t: Transaction, name: str, actor: str, *, seen: str | None = None) -> None:
        """Delete a template: its name is free, and jobs keep the version they were accepted with.

        Raises:
            UnknownTemplate: there is none of that name.
            Stale: the current version is another one by now.
        """
        current = self.current(name)
        if seen is not None and seen != current.version:
            raise Stale(
                f"Template {current.name!r} was changed meanwhile (version {current.number} is "
                "current); read it again before it is deleted.",
                template=current.name,
            )
        moved = t.execute(
            "UPDATE template SET deleted = 1 WHERE lower(name) = ? AND deleted = 0",
            (name.lower(),),
        ).rowcount
        if not moved:
            raise UnknownTemplate(
                f"Template {current.name!r} was deleted a moment ago.", template=current.name
            )
        # What is to become of the name is nobody's any more.
        t.execute("DELETE FROM template_draft WHERE lower(name) = ?", (name.lower(),))
        t.execute(
            "UPDATE template_request SET state = 'withdrawn', decided_by = ?, decided_at = ? "
            "WHERE lower(name) = ? AND state = 'waiting'",
            (actor, now(), name.lower()),
        )
        tell(
            t, now(), "template.deleted", f"templates/{current.name}", actor,
            {"template": current.name, "number": current.number},
        )  # fmt: skip
        t.after(lambda: self._forget(current.name))

    def _show(self, version: Version) -> None:
        self._current = {**self._current, version.name.lower(): version}

    def _forget(self, name: str) -> None:
        self._current = {n: v for n, v in self._current.items() if n != name.lower()}

    # ------------------------------------------------------------ built-in ones

    def seed(self, documents: Mapping[str, bytes]) -> int:
        """Save the built-in templates that are new; return how many. ``documents``: by name.

        A name that somebody saved or deleted is left alone.
        """
        digest = sha256(b"\0".join(documents[name] for name in sorted(documents))).hexdigest()
        rows = self._database.read("SELECT value FROM setting WHERE name = 'built_in_templates'")
        if rows and rows[0][0] == f'"{digest}"':
            return 0  # nothing was shipped anew: they need not even be read
        templates = [self._parse(document.decode()) for document in documents.values()]

        def work(t: Transaction) -> int:
            saved = 0
            for template in templates:
                rows = t.execute(
                    "SELECT version, actor, deleted FROM template WHERE name = ? ORDER BY number",
                    (template.name,),
                ).fetchall()
                ours = all(actor == BUILT_IN and not deleted for _, actor, deleted in rows)
                if ours and template.version not in {version for version, _, _ in rows}:
                    self.save(t, template, BUILT_IN)
                    saved += 1
            t.execute(
                "INSERT INTO setting VALUES ('built_in_templates', ?) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (f'"{digest}"',),
            )
            return saved

        return self._database.run(work)
