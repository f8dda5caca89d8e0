"""``label-gateway keys``: who may call, and what for."""

from __future__ import annotations

import argparse
from typing import Any
from urllib.parse import quote

from gateway.cli.calling import add_action, call_gateway
from gateway.cli.terminal import Terminal, local_time
from gateway.cli.words import parse_seconds


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "keys",
        help="make, list and revoke API keys",
        description="A key lets a program call the gateway, for what its scopes say: read, "
        "print, raw, scan, templates, admin.",
        epilog="examples:\n"
        "  label-gateway keys make shop --scopes read,print --expires-in 365d\n"
        "  label-gateway keys revoke shop\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    make = add_action(actions, "make", make_key, "make a key; it is shown once and never again")
    make.add_argument("name", help="who uses it")
    make.add_argument(
        "--scopes", required=True, metavar="A,B", help="what it may do, such as read,print"
    )
    make.add_argument("--expires-in", type=parse_seconds, metavar="TIME", help="such as 365d")
    add_action(actions, "list", list_keys, "list the keys, without what is secret")
    revoke = add_action(actions, "revoke", revoke_keys, "revoke keys: they open nothing any more")
    revoke.add_argument("names", nargs="+", metavar="name", help="name or id")


def make_key(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Make a key and show it."""
    order: dict[str, Any] = {
        "name": arguments.name,
        "scopes": [scope.strip() for scope in arguments.scopes.split(",") if scope.strip()],
    }
    if arguments.expires_in is not None:
        order["expires_in"] = arguments.expires_in
    with call_gateway(arguments) as gateway:
        made = gateway.call("POST", "/v1/keys", order)
    terminal.answer(made)
    if not terminal.as_json:
        # Alone on its line, so that it can be copied or piped; the words go beside.
        terminal.remark(f"The key of {arguments.name}. It is not shown again:")
        terminal.say(str(made["key"]))
    return 0


def list_keys(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List keys."""
    with call_gateway(arguments) as gateway:
        items = list(gateway.items("/v1/keys"))
    terminal.answer(items)
    if not items:
        terminal.say("There is no key; programs on this computer need none.")
        return 0
    terminal.table(
        ["name", "id", "scopes", "made by", "expires", "last used"],
        [
            [
                item.get("name"),
                item.get("id"),
                item.get("scopes"),
                item.get("actor"),
                local_time(item.get("expires_at")),
                local_time(item.get("used_at")),
            ]
            for item in items
        ],
    )
    return 0


def revoke_keys(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Revoke keys."""
    with call_gateway(arguments) as gateway:
        for name in arguments.names:
            gateway.call("DELETE", f"/v1/keys/{quote(name, safe='')}")
            terminal.say(f"{name} is revoked.")
    terminal.answer({"revoked": arguments.names})
    return 0
