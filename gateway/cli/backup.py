"""``label-gateway backup``, ``restore`` and ``verify``: the database as a file."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.cli.calling import add_settings, settings_of
from gateway.cli.terminal import Terminal

if TYPE_CHECKING:
    from gateway.store.dialect import Place


def add(commands: Any) -> None:
    """Add the commands to the command line."""
    backup = commands.add_parser(
        "backup",
        help="copy the database into one file, also while the daemon runs",
        description="Copy the database into one file: printers, templates, keys, jobs and labels. "
        "The daemon may run. The copy is checked before it gets its name. A database on a "
        "PostgreSQL server is copied into such a file too.",
        epilog="examples:\n  label-gateway backup\n  label-gateway backup /mnt/safe/labels.db\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    backup.add_argument(
        "file", nargs="?", type=Path, help="(default: backups/ in the data directory)"
    )
    backup.add_argument("--force", action="store_true", help="write over a file that is there")
    _finish(backup, make_backup)

    restore = commands.add_parser(
        "restore",
        help="put a backup back; the daemon must not run",
        description="Put a backup in the place of the database. The daemon must not run. The old "
        "database is kept beside it. Labels that waited when the backup was made may have been "
        "printed since: they come back on hold, to be released or cancelled. A backup may be put "
        "back into another kind of database than it was made of: so a site moves from a file to "
        "a PostgreSQL server, or back.",
        allow_abbrev=False,
    )
    restore.add_argument("file", type=Path)
    _finish(restore, restore_backup)

    verify = commands.add_parser(
        "verify",
        help="prove that the database is whole and every label counted",
        description="Read the whole database: its pages, its references, and whether every job "
        "counts exactly its labels. Exit 1 when something is wrong.",
        allow_abbrev=False,
    )
    verify.add_argument("file", nargs="?", type=Path, help="a backup (default: the database)")
    _finish(verify, verify_database)


def _finish(parser: argparse.ArgumentParser, command: Any) -> None:
    add_settings(parser)
    parser.add_argument("--json", action="store_true", help="answer with JSON, for programs")
    parser.set_defaults(command=command)


def make_backup(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Make a backup."""
    from gateway.store.copies import back_up

    settings = settings_of(arguments, os.environ)
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    target: Path = arguments.file or settings.data_dir / "backups" / f"gateway-{moment}.db"
    if target.exists() and not arguments.force:
        terminal.refuse(f"{target} is there already; name another file, or say --force.")
        return 1
    with terminal.progress(100, "percent copied") as progress:
        size = back_up(
            settings.database,
            target,
            lambda done, total: progress.reach(100 * done // max(1, total)),
        )
    terminal.answer({"file": str(target), "bytes": size})
    terminal.say(f"{settings.database} is backed up as {target} ({size / 1e6:.1f} MB, checked).")
    return 0


def restore_backup(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Put a backup back."""
    from gateway.store.copies import restore

    settings = settings_of(arguments, os.environ)
    restored = restore(arguments.file, settings.database, settings.data_dir)
    terminal.answer(
        {
            "database": str(settings.database),
            "kept": None if restored.aside is None else str(restored.aside),
            "jobs": restored.jobs,
            "labels_on_hold": restored.labels_on_hold,
            "labels_unsettled": restored.labels_unsettled,
        }
    )
    terminal.say(f"{settings.database} is what {arguments.file} held: {restored.jobs} jobs.")
    if restored.aside is not None:
        terminal.say(f"The database that was there is kept as {restored.aside}.")
    if restored.labels_on_hold:
        terminal.say(
            f"{restored.labels_on_hold} labels that waited then are on hold, since they may have "
            "been printed later. See them with label-gateway jobs list --state held, then release "
            "or cancel each job."
        )
    if restored.labels_unsettled:
        terminal.say(
            f"{restored.labels_unsettled} labels were on their way then; what their printers "
            "cannot prove, the gateway will ask about."
        )
    return 0


def verify_database(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Say whether a database is whole."""
    from gateway.store.copies import troubles

    place: Place = arguments.file or settings_of(arguments, os.environ).database
    found = troubles(place, thorough=True)
    terminal.answer({"file": str(place), "whole": not found, "troubles": found})
    for sentence in found:
        terminal.say(sentence)
    terminal.say(
        f"{place} is damaged; restore a backup with label-gateway restore."
        if found
        else f"{place} is whole, and every label is counted."
    )
    return 1 if found else 0
