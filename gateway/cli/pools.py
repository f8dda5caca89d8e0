"""``label-gateway pools``: names for several printers."""

from __future__ import annotations

import argparse
from typing import Any
from urllib.parse import quote

from gateway.cli.calling import add_action, call_gateway
from gateway.cli.terminal import Terminal


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "pools",
        help="names for several printers",
        description="A job sent to a pool is printed by the first of its printers that is ready "
        "and has the right stock, density and language.",
        epilog="examples:\n"
        "  label-gateway pools set packing line-1 line-2\n"
        "  label-gateway print --printer packing --template serial-label serial=SN-1\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add_action(actions, "list", list_pools, "list the pools and how their printers are")
    chosen = add_action(
        actions, "set", set_pool, "make a pool, or say anew which printers are in it"
    )
    chosen.add_argument("name", help="1 to 40 letters, digits, '-', '_' or '.'")
    chosen.add_argument("members", nargs="+", metavar="printer")
    removed = add_action(actions, "remove", remove_pools, "remove a pool; its printers stay")
    removed.add_argument("names", nargs="+", metavar="name")


def list_pools(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List pools, a line for each printer in one."""
    with call_gateway(arguments) as gateway:
        pools = list(gateway.items("/v1/pools"))
    terminal.answer(pools)
    if not pools:
        terminal.say("There is no pool; make one with: label-gateway pools set NAME PRINTER ...")
        return 0
    terminal.table(
        ["pool", "waiting", "printer", "stock", "status"],
        [
            [
                pool["name"] if first else "",
                pool["waiting"] if first else "",
                member["printer"],
                member["stock"],
                member["status"].get("sentence", ""),
            ]
            for pool in pools
            for first, member in zip((True, *(False,) * 100), pool["members"], strict=False)
        ],
    )
    return 0


def set_pool(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Make or change a pool."""
    path = f"/v1/pools/{quote(arguments.name, safe='')}"
    with call_gateway(arguments) as gateway:
        pool = gateway.call("PUT", path, {"members": arguments.members})
    terminal.answer(pool)
    members = ", ".join(member["printer"] for member in pool["members"])
    terminal.say(f"{pool['name']} prints on {members}.")
    return 0


def remove_pools(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Remove pools."""
    with call_gateway(arguments) as gateway:
        for name in arguments.names:
            gateway.call("DELETE", f"/v1/pools/{quote(name, safe='')}")
            terminal.say(f"{name} is removed; its printers stay.")
    terminal.answer({"removed": arguments.names})
    return 0
