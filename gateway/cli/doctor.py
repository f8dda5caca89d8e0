"""``label-gateway doctor``: is everything there that printing needs? A sentence and a cure each.

It asks the running daemon where there is one, and looks at the files itself where there is none.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.cli.calling import add_calling, add_settings, call_gateway, settings_of
from gateway.cli.terminal import Terminal
from gateway.errors import GatewayError
from gateway.examining import Finding, barcodes, clock, data_directory, disk, fonts, usb

if TYPE_CHECKING:
    from gateway.config import Settings
    from gateway.scanners.udev_rules import Ruled
    from gateway.store.dialect import Place, Server


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "doctor",
        help="check what printing and scanning need, and say how to cure it",
        description="Check data directory, disk, database, port, printers, scanners, USB, fonts, "
        "barcode reader and clock. Exit 1 when something is wrong.",
        allow_abbrev=False,
    )
    add_calling(parser)
    add_settings(parser)
    parser.add_argument(
        "--fix",
        action="store_true",
        help="show the udev rules for USB printers and scanners and, as root, install them",
    )
    parser.add_argument(
        "--scanner",
        metavar="URL",
        action="append",
        default=[],
        help="with --fix: a scanner that the daemon's user may listen to; those that were added, "
        "and those that had a rule, need not be named",
    )
    parser.add_argument(
        "--silent",
        action="store_true",
        help="with --scanner: the desktop never listens to this wedge, not even before the daemon "
        "has it or when it lets go of it",
    )
    parser.set_defaults(command=examine)


def examine(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Look at everything; say what was found."""
    settings = settings_of(arguments, os.environ)
    findings: list[Finding] = []
    if arguments.fix:
        findings += _fix(terminal)
        findings += _fix_scanners(arguments, terminal)
    for look in _looks(arguments, settings):
        for finding in look():
            findings.append(finding)
            _tell(finding, terminal)
    wrong = sum(not finding.well for finding in findings)
    terminal.answer({"well": not wrong, "findings": [asdict(finding) for finding in findings]})
    terminal.say()
    terminal.say("Everything is well." if not wrong else f"{wrong} of {len(findings)} are wrong.")
    return 1 if wrong else 0


def _tell(finding: Finding, terminal: Terminal) -> None:
    mark = "ok   " if finding.well else "WRONG"
    terminal.say(f"{mark}  {finding.sentence}")
    if finding.cure:
        terminal.say(f"       {finding.cure}")


Look = Callable[[], Iterator[Finding]]


def _looks(arguments: argparse.Namespace, settings: Settings) -> list[Look]:
    from gateway.store.copies import daemon_runs

    runs = daemon_runs(settings.data_dir)
    looks: list[Look] = [
        lambda: _settings(settings),
        lambda: _moved(settings),
        lambda: data_directory(settings.data_dir),
        lambda: disk(settings.data_dir),
        lambda: _database(settings.database, runs),
        lambda: _port(settings, runs),
    ]
    if runs:
        looks.append(lambda: _daemon(arguments))
    else:
        looks.append(lambda: _printers(settings.database))
    return [*looks, usb, fonts, barcodes, clock]


def _settings(settings: Settings) -> Iterator[Finding]:
    where = f"read from {settings.source}" if settings.source else "the standard ones"
    yield Finding("settings", True, f"The settings are {where}.")


def _moved(settings: Settings) -> Iterator[Finding]:
    from gateway.store.fence import read_fence

    fence = read_fence(settings.data_dir)
    if fence is not None:
        yield Finding(
            "moved",
            False,
            fence.sentence(settings.time_zone or "UTC"),
            "Should the move not have happened, start it and say so under Backups and moving.",
        )


def _database(database: Place, runs: bool) -> Iterator[Finding]:
    from gateway.store.copies import troubles

    if not isinstance(database, Path):
        yield from _server(database)
        return
    if runs:  # it checked the file when it opened it, and has it now
        yield Finding(
            "database", True, f"{database} is open; label-gateway verify reads all of it."
        )
        return
    if not database.is_file():
        yield Finding("database", True, f"{database} is not there yet; the first start makes it.")
        return
    try:
        found = troubles(database)
    except GatewayError as error:
        found = [error.detail]
    for sentence in found:
        yield Finding(
            "database",
            False,
            sentence,
            "Stop the daemon and restore a backup: label-gateway restore",
        )
    if not found:
        yield Finding("database", True, f"{database} is whole, and every label is counted.")


def _server(place: Server) -> Iterator[Finding]:
    from gateway.store.copies import troubles

    try:
        from gateway.store.moving import version_of  # it may lack its driver

        version = version_of(place)
        found = troubles(place)
    except GatewayError as error:
        yield Finding(
            "database",
            False,
            error.detail,
            "See that the server runs, and that GATEWAY_DATABASE names its database and user.",
        )
        return
    for sentence in found:
        yield Finding("database", False, sentence, "Restore a backup: label-gateway restore")
    if not found:
        yield Finding(
            "database",
            True,
            f"{place} answers (PostgreSQL {version}), and every label is counted.",
        )


def _port(settings: Settings, runs: bool) -> Iterator[Finding]:
    if runs or settings.listen.port == 0:
        return
    host, port = settings.listen
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            # As the daemon does: a connection that lingers is no reason. On Windows the same
            # option would take a port that is in use.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            yield Finding(
                "port",
                False,
                f"{settings.listen} cannot be listened on: {error.strerror or error}.",
                "Stop the program that has it, or listen elsewhere: GATEWAY_LISTEN=127.0.0.1:8731",
            )
            return
    yield Finding("port", True, f"{settings.listen} is free; the daemon is not running.")


def _daemon(arguments: argparse.Namespace) -> Iterator[Finding]:
    from gateway.client import GatewayFault, Unreachable

    try:
        with call_gateway(arguments) as gateway:
            gateway.call("GET", "/readyz")
            printers = gateway.printers()
            scanners = list(gateway.items("/v1/scanners"))
            url = gateway.url
    except Unreachable as error:
        yield Finding(
            "daemon", False, str(error), "It holds its lock and does not answer: see its log."
        )
        return
    except GatewayFault as error:
        yield Finding("daemon", False, f"The daemon says: {error}")
        return
    yield Finding("daemon", True, f"The daemon answers at {url}.")
    for printer in printers:
        condition = printer.status.get("condition")
        sentence = str(printer.status.get("sentence", ""))
        cures = " ".join(str(p.get("cure", "")) for p in printer.status.get("problems", ()))
        well = condition not in ("stopped", "unreachable")
        yield Finding("printer", well, f"{printer.name}: {sentence}", "" if well else cures.strip())
    for scanner in scanners:
        status = scanner["status"]
        well = status["condition"] != "unreachable"
        yield Finding("scanner", well, f"Scanner {scanner['name']}: {status['sentence']}")


def _printers(database: Place) -> Iterator[Finding]:
    if isinstance(database, Path) and not database.is_file():
        return
    from gateway.store.copies import printer_addresses

    try:
        addresses = printer_addresses(database)
    except GatewayError:
        return  # the look at the database has said so
    for name, url in addresses:
        scheme, _, rest = url.partition("://")
        if scheme != "tcp":
            continue
        host, _, port = rest.partition("/")[0].rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=3).close()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            yield Finding(
                "printer",
                False,
                f"{name} at {url} does not answer: {reason}.",
                "Switch it on, look at its cable and its address, or remove it.",
            )
        else:
            yield Finding("printer", True, f"{name} answers at {url}.")


def _fix(terminal: Terminal) -> list[Finding]:
    """Show the rule for USB printers, and install it where this user may."""
    from gateway.drivers import udev

    if sys.platform != "linux":
        finding = Finding("udev", True, "USB printers need no rule on this system.")
    else:
        terminal.say(f"{udev.RULES_FILE}:")
        for line in udev.RULE.splitlines():
            terminal.say(line)
        terminal.say()
        try:
            udev.install()
        except GatewayError as error:
            finding = Finding("udev", False, error.detail)
        else:
            finding = Finding(
                "udev",
                True,
                f"The rule for USB printers is in {udev.RULES_FILE}.",
                f"Let the daemon's user print: usermod -aG {udev.GROUP} USER, then start it again.",
            )
    _tell(finding, terminal)
    return [finding]


def _fix_scanners(arguments: argparse.Namespace, terminal: Terminal) -> list[Finding]:
    """Show the rules for the scanners that are named, added or had one, and install them."""
    from gateway.drivers import udev
    from gateway.scanners import udev_rules
    from gateway.scanners.udev_rules import Ruled

    if sys.platform != "linux":
        return []
    try:
        before = udev_rules.read_rules(udev_rules.RULES_FILE.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        before = []
    try:
        named = [Ruled(udev_rules.check_ruled(url), arguments.silent) for url in arguments.scanner]
        ruled = [*_added_scanners(arguments), *before, *named]
        if not ruled:
            return []
        rules = udev_rules.scanner_rules(ruled)
        terminal.say(f"{udev_rules.RULES_FILE}:")
        for line in rules.splitlines():
            terminal.say(line)
        terminal.say()
        udev.install(udev_rules.RULES_FILE, rules, udev_rules.SUBSYSTEMS)
    except GatewayError as error:
        finding = Finding("udev", False, error.detail)
    else:
        finding = Finding(
            "udev",
            True,
            f"The rules for scanners are in {udev_rules.RULES_FILE}.",
            f"Let the daemon's user scan: usermod -aG {udev_rules.GROUP} USER, and start it again.",
        )
    _tell(finding, terminal)
    return [finding]


def _added_scanners(arguments: argparse.Namespace) -> Iterator[Ruled]:
    """Yield the scanners that were added and need a rule; none where no daemon answers."""
    from gateway.client import GatewayFault, Unreachable
    from gateway.scanners.udev_rules import Ruled, check_ruled

    try:
        with call_gateway(arguments) as gateway:
            added = list(gateway.items("/v1/scanners"))
    except (Unreachable, GatewayFault):
        return
    for scanner in added:
        with suppress(GatewayError):  # on the network, or virtual
            yield Ruled(check_ruled(scanner["url"]))
