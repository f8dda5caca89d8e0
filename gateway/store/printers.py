"""Printers in the database, and the snapshot of them that the hot path reads without SQL.

A printer has a permanent id and a name that may change. Its settings have a version, which is the
``ETag`` of whoever edits them; pausing is no edit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from gateway.errors import InUse, NameTaken, NotNow, Stale, UnknownPrinter
from gateway.printers import AS_IT_IS, Media, Printer, Setup
from gateway.store.constraints import RuleBroken
from gateway.store.daemons import ALONE, Membership
from gateway.store.engine import Database, Transaction, now
from gateway.store.feed import tell
from gateway.store.names import check_name, similar
from gateway.units import Density, Um, format_density, parse_density

_COLUMNS = (
    "id, name, url, language, model, density, media_width, media_height, evidence, mode, paused, "
    "options, version, created_at, changed_at, stock, setup, daemon"
)
_LIVING = f"SELECT {_COLUMNS} FROM printer WHERE deleted_at IS NULL AND members IS NULL"
_OWED = (
    "SELECT coalesce(sum(queued + held + sending + sent - silent + uncertain), 0) "
    "FROM job WHERE target = ? AND ended_at IS NULL"
)
_GATEWAYS = "SELECT id, name FROM daemon"
_ON_THE_WAY = (
    "SELECT count(*) FROM label WHERE printer = ? AND state IN ('sending', 'sent') "
    "AND evidence IS NULL"
)


@dataclass(frozen=True, slots=True)
class PrinterSettings:
    """What a person sets of a printer, checked."""

    url: str
    language: str
    density: Density
    media: Media
    model: str = ""
    evidence: Literal["auto", "none"] = "auto"
    mode: Literal["exact", "native"] = "exact"
    options: Mapping[str, object] = field(default_factory=dict)
    setup: Setup = AS_IT_IS


def settings_of(printer: Printer) -> PrinterSettings:
    """Return what a printer was set to."""
    return PrinterSettings(
        printer.url, printer.language, printer.density, printer.media, printer.model,
        printer.evidence, printer.mode, printer.options, printer.setup,
    )  # fmt: skip


def _printer(row: tuple[Any, ...]) -> Printer:
    density = parse_density(int(row[5]) if row[5].isdecimal() else row[5])
    return Printer(
        id=row[0], name=row[1], url=row[2], language=row[3], model=row[4], density=density,
        media=Media(Um(row[6]), Um(row[7]), row[15]), setup=Setup(**json.loads(row[16])),
        evidence=row[8], mode=row[9], paused=bool(row[10]), options=json.loads(row[11]),
        version=row[12], created_at=row[13], changed_at=row[14], daemon=row[17],
    )  # fmt: skip


def _chosen(setup: Setup) -> dict[str, object]:
    """Return what of a setup somebody has chosen."""
    return {key: value for key, value in asdict(setup).items() if value != getattr(AS_IT_IS, key)}


def _on_this_computer(url: str) -> bool:
    """Return whether the same URL is another device on another computer."""
    parts = urlsplit(url)
    return parts.scheme != "tcp" or parts.hostname in ("127.0.0.1", "::1", "localhost")


def pools_with(t: Transaction, printer: int) -> list[str]:
    """Return the names of the pools a printer is in."""
    rows = t.execute(
        "SELECT name, members FROM printer WHERE deleted_at IS NULL AND members IS NOT NULL "
        "ORDER BY lower(name)"
    )
    return [str(name) for name, members in rows if printer in json.loads(members)]


class PrinterStore:
    """All SQL about printers."""

    def __init__(self, database: Database, here: Membership = ALONE) -> None:
        self._database, self._here = database, here
        self._gateways: dict[int, str] = dict(database.read(_GATEWAYS))
        self._show_all(database.read(f"{_LIVING} ORDER BY id"))

    def reload(self, t: Transaction) -> None:
        """Show what is there now: another daemon has written."""
        self._gateways = dict(t.execute(_GATEWAYS).fetchall())
        self._show_all(t.execute(f"{_LIVING} ORDER BY id").fetchall())

    # ------------------------------------------------------------ reading, without SQL

    def all(self) -> list[Printer]:
        """Return every printer, by name."""
        return [printer for _, printer in sorted(self._by_name.items())]

    def find(self, name: str) -> Printer:
        """Return the printer of that name; upper and lower case are the same.

        Raises:
            UnknownPrinter: there is none.
        """
        printer = self._by_name.get(name.lower())
        if printer is None:
            raise self._unknown(name)
        return printer

    def by_id(self, number: int) -> Printer | None:
        """Return the printer with that id, None when it was deleted."""
        return self._by_id.get(number)

    def ours(self, printer: Printer) -> bool:
        """Return whether this daemon drives the printer."""
        return self._here.drives(printer.daemon)

    def gateway_of(self, printer: Printer) -> str | None:
        """Return the computer whose gateway drives a printer; None where there is only one."""
        if self._here.number is None:
            return None
        return self._gateways.get(printer.daemon or 0, "another computer")

    def must_be_ours(self, printer: Printer, wish: str) -> None:
        """Check that this daemon drives the printer; ``wish`` is what only its driver can do.

        Raises:
            NotNow: another one does.
        """
        if not self.ours(printer):
            where = self.gateway_of(printer)
            raise NotNow(
                f"Printer {printer.name!r} is driven by the gateway on {where}, which alone can "
                f"{wish}; ask that one, or let this one take the printer over first.",
                printer=printer.name,
                gateway=where,
            )

    def was_there(self, name: str) -> bool:
        """Return whether there is, or ever was, a printer of that name."""
        rows = self._database.read("SELECT 1 FROM printer WHERE lower(name) = ?", (name.lower(),))
        return bool(rows)

    def name_of(self, number: int) -> str:
        """Return a printer's name, also of one that was deleted: its jobs are kept."""
        printer = self._by_id.get(number)
        if printer is not None:
            return printer.name
        rows = self._database.read("SELECT name FROM printer WHERE id = ?", (number,))
        return str(rows[0][0]) if rows else ""

    # ------------------------------------------------------------ writing

    def put(
        self,
        t: Transaction,
        name: str,
        settings: PrinterSettings,
        actor: str,
        *,
        version: int | Literal["new"] | None = None,
        rename: str | None = None,
    ) -> tuple[Printer, bool]:
        """Make the printer, or change it; return it and whether it is new.

        ``version`` is the one the caller has seen: ``"new"`` when it must not exist yet, None when
        it does not matter.

        Raises:
            Stale: the printer has another version by now.
            NameTaken: another printer has the name.
            InputRefused: it cannot be a name.
        """
        at = now()
        row = t.execute(f"{_LIVING} AND lower(name) = ?", (name.lower(),)).fetchone()
        was = None if row is None else _printer(row)
        if version == "new" and was is not None:
            raise Stale(f"There is a printer {was.name!r} already.", printer=was.name)
        if isinstance(version, int) and (was is None or was.version != version):
            raise Stale(
                f"Printer {name!r} was changed meanwhile (version {was.version}, not {version}); "
                "read it again and repeat the change."
                if was
                else f"Printer {name!r} was deleted meanwhile.",
                printer=name,
            )
        shown = check_name(rename or (was.name if was else name), "printer")
        density = str(format_density(settings.density))
        values = (
            shown, settings.url, settings.language, settings.model, density,
            settings.media.width, settings.media.height, settings.evidence, settings.mode,
            json.dumps(settings.options, ensure_ascii=False), settings.media.stock,
            json.dumps(_chosen(settings.setup)), at,
        )  # fmt: skip
        try:
            if was is None:
                number = t.execute(
                    "INSERT INTO printer (name, url, language, model, density, media_width, "
                    "media_height, evidence, mode, options, stock, setup, changed_at, created_at, "
                    "daemon) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                    (*values, at, self._here.number),
                ).fetchone()[0]
            else:
                number = was.id
                t.execute(
                    "UPDATE printer SET name = ?, url = ?, language = ?, model = ?, density = ?, "
                    "media_width = ?, media_height = ?, evidence = ?, mode = ?, options = ?, "
                    "stock = ?, setup = ?, changed_at = ?, version = version + 1 WHERE id = ?",
                    (*values, number),
                )
        except RuleBroken as error:
            if error.rule == "printer_name_taken":
                raise NameTaken(
                    f"Another printer or pool is called {shown!r}; choose another name.", name=shown
                ) from error
            raise
        printer = _printer(t.execute(f"{_LIVING} AND id = ?", (number,)).fetchone())
        body: dict[str, object] = {"printer": printer.name, "version": printer.version}
        if was is not None and was.name != printer.name:
            body["was"] = was.name
        tell(t, at, "printer.saved", f"printers/{printer.name}", actor, body)
        t.after(lambda: self._show(printer))
        return printer, was is None

    def set_paused(self, t: Transaction, name: str, paused: bool, actor: str) -> Printer:
        """Pause a printer or let it go on; return it. Doing it twice changes nothing.

        Raises:
            UnknownPrinter: there is none of that name.
        """
        was = self._row(t, name)
        if was.paused is paused:
            return was
        t.execute("UPDATE printer SET paused = ? WHERE id = ?", (int(paused), was.id))
        kind = "printer.paused" if paused else "printer.resumed"
        tell(t, now(), kind, f"printers/{was.name}", actor, {"printer": was.name})
        printer = replace(was, paused=paused)
        t.after(lambda: self._show(printer))
        return printer

    def delete(
        self, t: Transaction, name: str, actor: str, *, version: int | None = None
    ) -> Printer:
        """Delete a printer; its jobs are kept. Return what it was.

        Raises:
            UnknownPrinter: there is none of that name.
            Stale: the printer has another version by now.
            InUse: labels still wait for it, or an uncertain one asks its question.
        """
        printer = self._row(t, name)
        if version is not None and printer.version != version:
            raise Stale(
                f"Printer {printer.name!r} was changed meanwhile (version {printer.version}, not "
                f"{version}); read it again and repeat the change.",
                printer=printer.name,
            )
        pools = pools_with(t, printer.id)
        if pools:
            raise InUse(
                f"Printer {printer.name!r} is in pool {', '.join(pools)}; take it out of there "
                "first.",
                printer=printer.name,
                pools=pools,
            )
        owed = int(t.execute(_OWED, (printer.id,)).fetchone()[0])
        if owed:
            raise InUse(
                f"Printer {printer.name!r} still has {owed} "
                f"label{'' if owed == 1 else 's'} to end; cancel them or answer for them first.",
                printer=printer.name,
                labels=owed,
            )
        at = now()
        t.execute("UPDATE printer SET deleted_at = ? WHERE id = ?", (at, printer.id))
        tell(t, at, "printer.deleted", f"printers/{printer.name}", actor, {"printer": printer.name})
        t.after(lambda: self._forget(printer))
        return printer

    def take(self, t: Transaction, name: str, actor: str) -> Printer:
        """Let this daemon drive a printer from now on; return it. Its own stays as it is.

        Raises:
            UnknownPrinter: there is none of that name.
            NotNow: labels are on the way on it, which only its driver can settle.
        """
        was = self._row(t, name)
        if self.ours(was):
            return was
        way = t.execute(_ON_THE_WAY, (was.id,)).fetchone()[0]
        if way:
            where = self.gateway_of(was)
            raise NotNow(
                f"{way} label{' is' if way == 1 else 's are'} on the way on printer {was.name!r}; "
                f"let the gateway on {where} settle them, or pause the printer there, first.",
                printer=was.name,
                labels=way,
            )
        at = now()
        t.execute(
            "UPDATE printer SET daemon = ?, version = version + 1, changed_at = ? WHERE id = ?",
            (self._here.number, at, was.id),
        )
        printer = replace(was, daemon=self._here.number, version=was.version + 1, changed_at=at)
        tell(t, at, "printer.taken", f"printers/{was.name}", actor, {"printer": was.name})
        t.after(lambda: self._show(printer))
        return printer

    def must_be_free(self, t: Transaction, url: str, name: str) -> None:
        """Check that no printer but ``name`` has the device at the URL.

        Two printers with one device would take each other's labels for their own: it has one
        counter.

        Raises:
            InUse: another has it.
        """
        rows = t.execute(
            "SELECT name, daemon FROM printer WHERE deleted_at IS NULL AND members IS NULL "
            "AND url = ? AND lower(name) <> ?",
            (url, name.lower()),
        ).fetchall()
        same = (row for row in rows if self._here.drives(row[1]) or not _on_this_computer(url))
        row = next(same, None)
        if row is not None:
            raise InUse(
                f"{url} is printer {row[0]!r} already, and a device's counter can speak for the "
                f"labels of one printer only; print on {row[0]!r}, or remove it first.",
                printer=row[0],
                url=url,
            )

    @staticmethod
    def must_exist(t: Transaction, target: int, name: str) -> None:
        """Check in the transaction that accepts a job that its printer or pool is still there.

        Raises:
            UnknownPrinter: it was deleted a moment ago.
        """
        row = t.execute("SELECT deleted_at FROM printer WHERE id = ?", (target,)).fetchone()
        if row is None or row[0] is not None:
            raise UnknownPrinter(f"Printer {name!r} was deleted a moment ago.", printer=name)

    def _row(self, t: Transaction, name: str) -> Printer:
        row = t.execute(f"{_LIVING} AND lower(name) = ?", (name.lower(),)).fetchone()
        if row is None:
            raise self._unknown(name)
        return _printer(row)

    def _unknown(self, name: str) -> UnknownPrinter:
        names = [printer.name for printer in self.all()]
        return UnknownPrinter(
            f"There is no printer {name[:80]!r}{similar(name[:80], names)}", printer=name[:80]
        )

    # ------------------------------------------------------------ the snapshot

    def _show_all(self, rows: list[tuple[Any, ...]]) -> None:
        found = [_printer(row) for row in rows]
        # Replaced whole after a commit, never changed: readers on any thread need no lock.
        self._by_name = {printer.name.lower(): printer for printer in found}
        self._by_id = {printer.id: printer for printer in found}

    def _show(self, printer: Printer) -> None:
        self._by_id = {**self._by_id, printer.id: printer}
        self._by_name = {p.name.lower(): p for p in self._by_id.values()}

    def _forget(self, printer: Printer) -> None:
        self._by_id = {n: p for n, p in self._by_id.items() if n != printer.id}
        self._by_name = {p.name.lower(): p for p in self._by_id.values()}
