"""``label-gateway scanner``: find, add, see, try and let go of scanners."""

from __future__ import annotations

import argparse
from typing import Any
from urllib.parse import quote

from gateway.cli.calling import add_action, call_gateway
from gateway.cli.terminal import Terminal, local_time
from gateway.cli.words import parse_code


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "scanner",
        help="find, add, see, try and let go of scanners",
        description="Scanners: which device is which, whose station's it is, and how it is.",
        epilog="examples:\n"
        "  label-gateway scanner add gun serial:///dev/ttyACM0 --station dock\n"
        "  label-gateway scanner add demo virtual --station dock\n"
        "  label-gateway scanner scan demo SN-000123\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add_action(actions, "list", list_scanners, "list the scanners and how they are")
    shown = add_action(actions, "show", show_scanner, "show one scanner, in words")
    shown.add_argument("name")
    added = add_action(
        actions, "add", add_scanner, "add a scanner, or change what is given of one",
        "Add a scanner, or change what is given of one; the rest stays as it was.",
    )  # fmt: skip
    added.add_argument("name", help="1 to 40 letters, digits, '-', '_' or '.'")
    added.add_argument(
        "address",
        metavar="URL",
        nargs="?",
        help="such as serial:///dev/ttyACM0; virtual: a scanner that is a program",
    )
    added.add_argument("--station", metavar="NAME", help="whose its scans are; '' for nobody's")
    added.add_argument(
        "--set", metavar="KEY=VALUE", action="append", default=[], dest="options",
        help="how it writes, as suffix=tab, gs=|, aim=yes, layout=de; key= for the usual",
    )  # fmt: skip
    added.add_argument("--rename", metavar="NAME", help="what it is called from now on")

    scanned = add_action(actions, "scan", scan_virtually, "scan a code with a virtual scanner")
    scanned.add_argument("name")
    scanned.add_argument("code", help="the text; {GS} stands for GS (FNC1)")
    scanned.add_argument("--aim", default="", help="the symbology identifier, such as ]C1")

    for name, words in (
        ("pause", "let scanners go: nothing they read is taken"),
        ("resume", "listen to them again"),
        ("release", "let wedges go: they type into other windows again"),
        ("grab", "grab wedges again: they type for the gateway only"),
        ("pass-through", "as grab, but what is refused is typed into the window in front"),
        ("remove", "remove scanners; their scans are kept"),
    ):
        action = add_action(actions, name, act_on_scanners, words)
        action.add_argument("names", nargs="+", metavar="name")
        action.set_defaults(action=name)


def _path(name: str) -> str:
    return f"/v1/scanners/{quote(name, safe='')}"


def list_scanners(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List scanners."""
    with call_gateway(arguments) as gateway:
        scanners = list(gateway.items("/v1/scanners"))
    terminal.answer(scanners)
    if not scanners:
        terminal.say(
            "There is no scanner yet; try one that is a program: label-gateway scanner add demo "
            "virtual"
        )
        return 0
    terminal.table(
        ["scanner", "station", "condition", "status", "address"],
        [
            [
                scanner["name"],
                scanner["station"],
                scanner["status"]["condition"],
                scanner["status"]["sentence"],
                scanner["url"],
            ]
            for scanner in scanners
        ],
    )
    return 0


def show_scanner(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Show one scanner; exit 1 when it cannot be reached."""
    with call_gateway(arguments) as gateway:
        scanner = gateway.call("GET", _path(arguments.name))
    status = scanner["status"]
    terminal.answer(scanner)
    terminal.say(f"{scanner['name']}: {status['sentence']}")
    if scanner["note"]:
        terminal.say(f"  {scanner['note']}")
    terminal.say()
    terminal.pairs(
        [
            ("address", scanner["url"]),
            ("station", scanner["station"]),
            *((f"its {key}", value) for key, value in scanner["options"].items()),
            ("reads", status["reads"]),
            ("last read", local_time(status["heard_at"])),
            ("types for the gateway only", status["grabbed"] or None),
            ("listened to from", scanner["gateway"]),
        ]
    )
    return 1 if status["condition"] == "unreachable" else 0


def add_scanner(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Add or change a scanner."""
    body: dict[str, Any] = {}
    if arguments.address:
        body["url"] = arguments.address
    if arguments.station is not None:
        body["station"] = arguments.station or None
    if arguments.rename:
        body["name"] = arguments.rename
    path = _path(arguments.name)
    with call_gateway(arguments) as gateway:
        if arguments.options:
            body["options"] = _options(gateway, path, arguments.options)
        scanner = gateway.call("PUT", path, body)
    terminal.answer(scanner)
    whose = f"its scans are station {scanner['station']}'s" if scanner["station"] else (
        "it belongs to no station yet, so what it reads is only looked up"
    )  # fmt: skip
    terminal.say(f"{scanner['name']} is at {scanner['url']}; {whose}.")
    if scanner["note"]:
        terminal.say(scanner["note"])
    if scanner["virtual"]:
        terminal.say(f"Try it with: label-gateway scanner scan {scanner['name']} SN-000123")
    return 0


def _options(gateway: Any, path: str, pairs: list[str]) -> dict[str, Any]:
    """Return a scanner's options with those given set in.

    Raises:
        argparse.ArgumentTypeError: one is no ``key=value``.
    """
    from gateway.client import Problem

    options: dict[str, Any] = {}
    try:
        options = gateway.call("GET", path)["options"]
    except Problem as problem:
        if problem.status != 404:
            raise
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key:
            raise argparse.ArgumentTypeError(f"{pair!r} is not key=value")
        options.pop(key, None)
        if text:
            options[key] = _value(text)
    return options


def _value(text: str) -> object:
    if text in ("yes", "no"):
        return text == "yes"
    return int(text) if text.isascii() and text.isdecimal() else text


def scan_virtually(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Scan with a virtual scanner; exit 1 when the scan was refused."""
    body = {"code": parse_code(arguments.code)}
    if arguments.aim:
        body["aim"] = arguments.aim
    with call_gateway(arguments) as gateway:
        done = gateway.call("POST", f"{_path(arguments.name)}/scan", body)
    terminal.answer(done)
    scan = done["scan"]
    if scan is None:
        terminal.say("Nothing came of it: the same code again at once is the same scan.")
        return 1
    terminal.say(f"{scan['outcome']}: {scan['sentence']}")
    if scan["cure"]:
        terminal.say(scan["cure"])
    return 1 if scan["outcome"] == "refused" else 0


_DONE = {
    "pause": "{} is let go.",
    "resume": "{} is listened to.",
    "release": "{} is released: what it reads goes where it would without the gateway.",
    "grab": "{} is grabbed: it types for the gateway only.",
    "pass-through": "{} is grabbed, and what is refused is typed into the window in front.",
    "remove": "{} is removed; its scans are kept.",
}


def act_on_scanners(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Pause, resume, release, grab or remove scanners."""
    answers: list[Any] = []
    with call_gateway(arguments) as gateway:
        for name in arguments.names:
            if arguments.action == "remove":
                answers.append(gateway.call("DELETE", _path(name)))
            else:
                answers.append(gateway.call("POST", f"{_path(name)}/{arguments.action}"))
            terminal.say(_DONE[arguments.action].format(name))
    terminal.answer([answer for answer in answers if answer is not None])
    return 0
