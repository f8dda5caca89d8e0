"""``label-gateway station``: screens with their scanners and printers, and who may be one."""

from __future__ import annotations

import argparse
from typing import Any
from urllib.parse import quote

from gateway.cli.calling import add_action, call_gateway
from gateway.cli.terminal import Terminal, local_time


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "station",
        help="places where people scan: a screen, scanners, a printer",
        description="A station is a screen, its scanners and its printer. Its page is at "
        "/station/NAME; a screen on another computer is paired by a code.",
        epilog="examples:\n"
        "  label-gateway station add dock --location MAIN --printer zebra\n"
        "  label-gateway scanner add gun virtual: --station dock\n"
        "  label-gateway station pair dock\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add_action(actions, "list", list_stations, "list the stations and what belongs to them")
    shown = add_action(actions, "show", show_station, "show one station, in words")
    shown.add_argument("name")

    added = add_action(
        actions, "add", add_station, "add a station, or change what is given of one",
        "Add a station, or change what is given of one; the rest stays as it was. An empty text "
        "takes a value away.",
    )  # fmt: skip
    added.add_argument("name", help="1 to 40 letters, digits, '-', '_' or '.'")
    added.add_argument("--title", metavar="TEXT", help="what its page is headed")
    added.add_argument("--location", metavar="CODE", help="where it stands")
    added.add_argument("--printer", metavar="NAME", help="the printer or pool of its labels")
    added.add_argument("--template", metavar="NAME", help="of its labels (the usual one)")
    added.add_argument("--modes", metavar="A,B", help="what may be done there (everything)")
    for option, words in (
        ("sound", "its page makes sounds (yes)"),
        ("require-operator", "nothing is done before a badge was scanned (no)"),
        ("print-on-receive", "what is received or built gets its label at once (yes)"),
    ):
        added.add_argument(f"--{option}", choices=("yes", "no"), help=words)
    added.add_argument("--rename", metavar="NAME", help="what it is called from now on")

    paired = add_action(actions, "pair", pair_station, "show a code that pairs a browser with it")
    paired.add_argument("name")
    for name, words in (
        ("unpair", "lock out the browsers that are paired with stations"),
        ("remove", "remove stations; their scanners belong to none, their scans are kept"),
    ):
        action = add_action(actions, name, act_on_stations, words)
        action.add_argument("names", nargs="+", metavar="name")
        action.set_defaults(action=name)


def _path(name: str) -> str:
    return f"/v1/stations/{quote(name, safe='')}"


def list_stations(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List stations."""
    with call_gateway(arguments) as gateway:
        stations = list(gateway.items("/v1/stations"))
    terminal.answer(stations)
    if not stations:
        terminal.say("There is no station yet; add one with: label-gateway station add NAME")
        return 0
    terminal.table(
        ["station", "title", "location", "printer", "scanners", "paired"],
        [
            [
                station["name"],
                station["title"],
                station["location"],
                station["printer"],
                [scanner["name"] for scanner in station["scanners"]],
                station["paired"],
            ]
            for station in stations
        ],
    )
    return 0


def show_station(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Show one station."""
    with call_gateway(arguments) as gateway:
        station = gateway.call("GET", _path(arguments.name))
        page = f"{gateway.url}{station['links']['page']}"
    terminal.answer(station)
    terminal.pairs(
        [
            ("station", station["name"]),
            ("title", station["title"]),
            ("page", page),
            ("location", station["location"]),
            ("printer", station["printer"]),
            ("template", station["template"]),
            ("modes", station["modes"] or "all"),
            ("sound", station["sound"]),
            ("needs a badge", station["require_operator"]),
            ("prints on receive", station["print_on_receive"]),
            ("paired with a browser", station["paired"]),
            ("scanners", [scanner["name"] for scanner in station["scanners"]]),
        ]
    )
    return 0


def add_station(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Add or change a station."""
    body: dict[str, Any] = {}
    for key in ("title", "location", "printer", "template"):
        value = getattr(arguments, key)
        if value is not None:
            body[key] = value or None
    if arguments.modes is not None:
        body["modes"] = [mode.strip() for mode in arguments.modes.split(",") if mode.strip()]
    for key in ("sound", "require_operator", "print_on_receive"):
        if (value := getattr(arguments, key)) is not None:
            body[key] = value == "yes"
    if arguments.rename:
        body["name"] = arguments.rename
    with call_gateway(arguments) as gateway:
        station = gateway.call("PUT", _path(arguments.name), body)
        page = f"{gateway.url}{station['links']['page']}"
    terminal.answer(station)
    terminal.say(f"{station['name']} is a station; its page is {page}")
    return 0


def pair_station(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Show a pairing code."""
    with call_gateway(arguments) as gateway:
        offer = gateway.call("POST", f"{_path(arguments.name)}/pair")
    terminal.answer(offer)
    terminal.remark(
        f"Open {offer['url']} on the screen that is to be {offer['station']}, and type before "
        f"{local_time(offer['expires_at'])[-8:]}:"
    )
    terminal.say(offer["code"])
    return 0


_DONE = {
    "unpair": "{} has no paired browser any more.",
    "remove": "{} is removed; its scans are kept.",
}


def act_on_stations(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Unpair or remove stations."""
    with call_gateway(arguments) as gateway:
        for name in arguments.names:
            if arguments.action == "remove":
                gateway.call("DELETE", _path(name))
            else:
                gateway.call("POST", f"{_path(name)}/{arguments.action}")
            terminal.say(_DONE[arguments.action].format(name))
    terminal.answer({arguments.action: arguments.names})
    return 0
