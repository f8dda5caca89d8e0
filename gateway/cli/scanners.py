"""``label-gateway scanner``: find, add, see, try and let go of scanners."""

from __future__ import annotations

import argparse
from typing import Any
from urllib.parse import quote

from gateway.cli.calling import add_action, call_gateway
from gateway.cli.terminal import Terminal, local_time
from gateway.cli.words import parse_code, parse_seconds

TEACH_WITHIN = 30.0
"""Seconds to walk to the scanner and pull its trigger."""


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "scanner",
        help="find, add, see, try and let go of scanners",
        description="Scanners: which device is which, whose station's it is, and how it is.",
        epilog="examples:\n"
        "  label-gateway scanner find\n"
        "  label-gateway scanner teach\n"
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
    add_action(actions, "find", find_scanners, "look for scanners; nothing is added")

    taught = add_action(
        actions, "teach", teach_scanner, "say which one it is by scanning anything with it",
        "Listen to every scanner that is found and not added yet, until one reads: that is the "
        "one in your hand. One that imitates a keyboard is silent elsewhere meanwhile.",
    )  # fmt: skip
    taught.add_argument(
        "--timeout", type=parse_seconds, default=TEACH_WITHIN, metavar="TIME", help="at most (30s)"
    )

    added = add_action(
        actions, "add", add_scanner, "add a scanner, or change what is given of one",
        "Add a scanner, or change what is given of one; the rest stays as it was.",
    )  # fmt: skip
    added.add_argument("name", help="1 to 40 letters, digits, '-', '_' or '.'")
    added.add_argument(
        "address",
        metavar="URL",
        nargs="?",
        help="as find shows it; virtual: a scanner that is a program",
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
        terminal.say("There is no scanner yet; look for one with: label-gateway scanner find")
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


def find_scanners(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Look for scanners; exit 1 when none was found."""
    with call_gateway(arguments) as gateway:
        found = gateway.call("GET", "/v1/scanners/found")["items"]
    terminal.answer(found)
    if not found:
        terminal.say(
            "No scanner was found. Plug it in, or name its address; without one try: "
            "label-gateway scanner add demo virtual"
        )
        return 1
    terminal.table(
        ["what", "how", "a scanner", "scanner", "address"],
        [
            [
                one["title"],
                one["kind"],
                "yes" if one["likely"] else "perhaps",
                one["scanner"],
                one["url"],
            ]
            for one in found
        ],
    )
    for one in found:
        if one["sentence"] and not one["scanner"]:
            terminal.say(f"{one['title']}: {one['sentence']}")
    if any(one["name"] for one in found):
        terminal.say()
        # Quoted, as in every shell some addresses must be.
        terminal.say('Add one with: label-gateway scanner add NAME "ADDRESS" --station STATION')
    return 0


def teach_scanner(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Tell which scanner somebody holds; exit 1 when none reads."""
    terminal.remark("Scan anything with the scanner you want to add.")
    with call_gateway(arguments) as gateway:
        taught = gateway.call(
            "POST", "/v1/scanners/teach", {"seconds": arguments.timeout},
            timeout=arguments.timeout + 10,
        )  # fmt: skip
    terminal.answer(taught)
    for one in taught["unheard"]:
        terminal.remark(f"{one['url']}: {one['sentence']}")
    for found in taught["items"]:
        settings = "".join(
            f' --set "{key}={"yes" if value is True else value}"'
            for key, value in taught["options"].items()
        )
        if settings:
            terminal.say(f"It is {found['title']}, and has said how it types.")
        else:
            terminal.say(f"It is {found['title']}, and has read {taught['text']}")
        if found["sentence"]:
            terminal.say(found["sentence"])
        terminal.say(
            f'Add it with: label-gateway scanner add {found["name"]} "{found["url"]}" '
            f"--station STATION{settings}"
        )
    if not taught["items"]:
        terminal.say("No scanner has read anything.")
    return 0 if taught["items"] else 1


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
