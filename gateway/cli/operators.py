"""``label-gateway operator``: the people who scan, known by their badges."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Any
from urllib.parse import quote

from gateway.cli.calling import add_action, call_gateway
from gateway.cli.terminal import Terminal


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "operator",
        help="people who scan, known by their badges",
        description="An operator signs in at a station by scanning a badge: any barcode that "
        "stands for nothing else.",
        epilog="examples:\n"
        "  label-gateway operator add B-0017 'Ann Field'\n"
        "  label-gateway operator add B-0018 'Bo Hill' --pin --rights receipt,shipment\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add_action(actions, "list", list_operators, "list the operators")
    added = add_action(
        actions, "add", add_operator, "add an operator, or change what is given of one"
    )
    added.add_argument("badge", help="what the badge's barcode says")
    added.add_argument("name", nargs="?", help="who it is (may be left out for one that is known)")
    pins = added.add_mutually_exclusive_group()
    pins.add_argument(
        "--pin", action="store_true", help="ask for a PIN of 4 to 12 digits, or read it from a pipe"
    )
    pins.add_argument("--no-pin", action="store_true", help="the badge alone is enough")
    added.add_argument(
        "--rights", metavar="A,B", help="all that they may, such as write_off; empty: everything"
    )
    added.add_argument("--active", choices=("yes", "no"), help="may sign in (yes)")
    removed = add_action(
        actions, "remove", remove_operators, "remove operators; the record keeps their names"
    )
    removed.add_argument("badges", nargs="+", metavar="badge")


_WHOLE = ("read", "print", "raw", "scan", "templates", "admin")
"""Rights that are not about one kind of thing in the registry."""


def _path(badge: str) -> str:
    return f"/v1/operators/{quote(badge, safe='')}"


def list_operators(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List operators."""
    with call_gateway(arguments) as gateway:
        operators = list(gateway.items("/v1/operators"))
    terminal.answer(operators)
    if not operators:
        terminal.say(
            "There is no operator yet; add one with: label-gateway operator add BADGE NAME"
        )
        return 0
    terminal.table(
        ["badge", "name", "PIN", "rights", "active"],
        [
            [one["badge"], one["name"], one["has_pin"], _rights(one["roles"]), one["active"]]
            for one in operators
        ],
    )
    return 0


def _rights(roles: list[str]) -> object:
    return [role.removeprefix("registry:") for role in roles] or "everything"


def add_operator(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Add or change an operator."""
    body: dict[str, Any] = {}
    if arguments.name is not None:
        body["name"] = arguments.name
    if arguments.pin:
        body["pin"] = _ask_pin()
    elif arguments.no_pin:
        body["pin"] = None
    if arguments.rights is not None:
        named = (right.strip() for right in arguments.rights.split(","))
        body["roles"] = [
            right if ":" in right or right in _WHOLE else f"registry:{right}"
            for right in named
            if right
        ]
    if arguments.active is not None:
        body["active"] = arguments.active == "yes"
    with call_gateway(arguments) as gateway:
        saved = gateway.call("PUT", _path(arguments.badge), body)
    terminal.answer(saved)
    terminal.say(f"{saved['name']} signs in with the badge {saved['badge']}.")
    return 0


def _ask_pin() -> str:
    """Return a PIN that nobody sees: neither on the screen nor in the list of processes."""
    if sys.stdin.isatty():
        return getpass.getpass("PIN: ")
    return sys.stdin.readline().strip()


def remove_operators(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Remove operators."""
    with call_gateway(arguments) as gateway:
        for badge in arguments.badges:
            gateway.call("DELETE", _path(badge))
            terminal.say(f"{badge} is removed.")
    terminal.answer({"removed": arguments.badges})
    return 0
