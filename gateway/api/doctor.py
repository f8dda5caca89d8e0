"""How the gateway is: what ``label-gateway doctor`` looks at, asked of the one that runs."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from fastapi import APIRouter, Response

from gateway import __version__
from gateway.api.access import needs
from gateway.api.parts import Parts
from gateway.api.showing import Json, answer, rfc3339
from gateway.errors import GatewayError
from gateway.examining import Finding, barcodes, clock, data_directory, disk, fonts, usb
from gateway.store.engine import now
from gateway.store.registry.verifying import VERIFIED

DAY = 24 * 3600 * 1_000_000
"""Microseconds."""

TRIED_EVERY = 90 * DAY
"""After so long somebody should try a backup again."""


def doctor_routes(parts: Parts) -> APIRouter:
    """Return the route of the gateway's health."""
    router = APIRouter(prefix="/v1/doctor", tags=["health"])

    @router.get("", dependencies=[needs("admin")], summary="What is wrong, and its cure")
    async def get_doctor() -> Response:
        """Every look with a sentence, and a cure where it is not well; and the figures that are
        asked for when somebody needs help: versions, sizes, what waits, the last backup."""
        return answer(await parts.away(lambda: examine(parts)))

    return router


def examine(parts: Parts) -> Json:
    """Return what was found, and the figures."""
    findings = [finding for look in (_gateway, _devices, _outside, _safety, _computer)
                for finding in look(parts)]  # fmt: skip
    figures = parts.jobs.figures()
    place = parts.moving.place
    file = place if isinstance(place, Path) else None
    backups = parts.backups.all()
    verified = parts.database.read("SELECT value FROM setting WHERE name = ?", (VERIFIED,))
    return {
        "well": all(finding.well for finding in findings),
        "findings": [asdict(finding) for finding in findings],
        "version": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "database": "SQLite" if file else "PostgreSQL",
        "sqlite": sqlite3.sqlite_version,
        "database_bytes": _bytes_of(file),
        "feed": parts.live.last,
        "labels_ever": figures.labels,
        "labels_waiting": figures.open_labels.queued,
        "labels_on_hold": figures.open_labels.held,
        "labels_uncertain": figures.open_labels.uncertain,
        "last_backup": rfc3339(backups[0].made_at) if backups else None,
        "verified": json.loads(verified[0][0]) if verified else None,
    }


def _bytes_of(file: Path | None) -> int | None:
    if file is None:
        return None
    parts = (file, file.with_name(f"{file.name}-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())


def _gateway(parts: Parts) -> Iterator[Finding]:
    fault, moved = parts.database.fault, parts.moving.sentence()
    if moved is not None:
        yield Finding(
            "moved", False, moved,
            "Should the move not have happened, say so under Backups and moving.",
        )  # fmt: skip
    if fault is not None:
        yield Finding("database", False, fault, "See that its disk has room and may be written.")
    elif moved is None:
        yield Finding("database", True, "The database takes what is written.")
    folder = parts.moving.folder
    yield from data_directory(folder)
    yield from disk(folder)


def _devices(parts: Parts) -> Iterator[Finding]:
    for printer in parts.printers.all():
        status = parts.room.status(printer.id)
        well = status.condition not in ("stopped", "unreachable")
        cures = " ".join(
            problem.cure
            for problem in status.problems
            if problem.cure not in status.sentence  # else it was said already
        )
        yield Finding("printer", well, f"{printer.name}: {status.sentence}", "" if well else cures)
    for scanner in parts.scanners.all():
        heard = parts.scan_room.status(scanner.id)
        well = heard.condition != "unreachable"
        yield Finding(
            "scanner", well, f"Scanner {scanner.name}: {heard.sentence}",
            "" if well else "Plug it in again, or look at its cable and its battery.",
        )  # fmt: skip
    asked = parts.jobs.figures().open_labels.uncertain
    if asked:
        yield Finding(
            "labels", False,
            "Of 1 label nobody knows whether it is on paper." if asked == 1
            else f"Of {asked} labels nobody knows whether they are on paper.",
            "Look at the printer and answer the question under Jobs.",
        )  # fmt: skip


def _outside(parts: Parts) -> Iterator[Finding]:
    for hook in parts.webhooks.all():
        _, waiting, dead = parts.webhooks.standing(hook)
        if dead:
            yield Finding(
                "webhook", False, f"Messages that webhook {hook.name} has given up: {dead}.",
                "See why on its page, and send them again.",
            )  # fmt: skip
        elif hook.active and hook.trouble:
            yield Finding(
                "webhook", False, f"Webhook {hook.name}: {hook.trouble}",
                f"See that the receiver runs. Messages that wait: {waiting}; they are tried again.",
            )  # fmt: skip
        else:
            yield Finding("webhook", True, f"Webhook {hook.name} takes what it is sent.")


def _safety(parts: Parts) -> Iterator[Finding]:
    hours = int(parts.settings.all()["backup_hours"])
    backups = parts.backups.all()
    if hours and not backups:
        yield Finding("backup", True, f"The first backup is made within {hours} hours.")
    elif hours and now() - backups[0].made_at > 2 * hours * DAY // 24:
        yield Finding(
            "backup", False, f"The last backup is older than {2 * hours} hours.",
            "See in the feed why none was made (backup.failed), and make one now.",
        )  # fmt: skip
    elif backups:
        yield Finding("backup", True, "The last backup is as new as it should be.")
    else:
        yield Finding(
            "backup", True, "No backups are made by themselves (backup_hours is 0).",
            "Be sure that somebody makes them.",
        )  # fmt: skip
    tried = [one.tried for one in backups if one.tried is not None]
    spoilt = next((one for one in tried if not one.whole), None)
    if spoilt is not None:
        yield Finding(
            "backup", False, f"A backup is spoilt. {spoilt.sentence}",
            "Make another now, and try that.",
        )  # fmt: skip
    elif backups and not any(now() - one.at < TRIED_EVERY for one in tried):
        yield Finding(
            "backup", True, "No backup was tried in the last 90 days.",
            "Try one under Backups and moving: it takes a moment and touches nothing.",
        )  # fmt: skip


def _computer(_: Parts) -> Iterator[Finding]:
    if os.name == "posix":
        try:
            yield from usb()
        except (OSError, GatewayError) as error:
            yield Finding("usb", False, f"The USB devices cannot be looked at: {error}.")
    yield from fonts()
    yield from barcodes()
    yield from clock()
