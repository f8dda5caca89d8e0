"""``label-gateway item``: what a warehouse trades and makes, and how it is tracked."""

from __future__ import annotations

import argparse
from typing import Any

from gateway.cli.calling import add_action, call_gateway
from gateway.cli.print_labels import read_bytes
from gateway.cli.terminal import Terminal
from gateway.cli.things import Noun, add_noun, add_table, import_table

ITEM = Noun(
    "item", "items", "sku", "what the warehouse trades and makes, and how it is tracked",
    numbers=("reorder_point", "warranty_in", "warranty_out", "service_every"),
    flags=("active", "split_space"),
    lists=("barcodes",),
    pairs=("units", "reorder_points", "account_codes"),
    columns=("sku", "name", "kind", "tracking", "unit", "gtin", "active"),
    filters={
        "kind": "stock, assembly, kit or non_stock", "tracking": "none, lot or serial",
        "code": "a whole SKU, GTIN, barcode or external id",
    },
    examples="examples:\n"
    "  label-gateway item set DRILL name='Bench drill' gtin=4006381333931 next_serial=D00001\n"
    "  label-gateway item track DRILL serial\n"
    "  label-gateway item import products.xlsx --dry-run\n",
)  # fmt: skip


def add(commands: Any) -> None:
    """Add the command to the command line."""
    actions = add_noun(commands, ITEM)
    tracked = add_action(
        actions, "track", track_item, "change how an item is tracked: none, lot or serial",
        "Change how an item is tracked. From serial to something else it says first what would "
        "happen; --yes does it.",
    )  # fmt: skip
    tracked.add_argument("name", metavar="sku")
    tracked.add_argument("to", choices=("none", "lot", "serial"))
    tracked.add_argument(
        "--serials", metavar="FILE", help="serials of pieces on hand, as a list; - for the input"
    )
    tracked.add_argument("--location", metavar="CODE", help="where those pieces are")
    tracked.add_argument("--yes", action="store_true", help="do it without asking")
    following = add_action(actions, "next", show_next, "show an item's next serials")
    following.add_argument("name", metavar="sku")
    following.add_argument("count", type=int, nargs="?", default=1)
    unlocked = add_action(
        actions, "unlock", unlock_item,
        "let an item's tracking change although other systems know it",
    )  # fmt: skip
    unlocked.add_argument("name", metavar="sku")
    unlocked.add_argument("--reason", required=True, help="why; it is kept for ever")
    stock = add_action(
        actions, "stock", import_table, "take a table of what is where: serials, lots, quantities",
        "Take opening stock from a table with the columns item, location, and serial, or quantity "
        "(and lot). The same table again changes nothing.",
    )  # fmt: skip
    add_table(stock)
    stock.set_defaults(what="stock")


def track_item(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Change how an item is tracked."""
    from gateway.client import Problem

    body: dict[str, Any] = {"to": arguments.to}
    if arguments.location:
        body["location"] = arguments.location
    if arguments.serials:
        body["opening"] = read_bytes(arguments.serials).decode("utf-8-sig")
    path = f"{ITEM.path(arguments.name)}/tracking"
    with call_gateway(arguments) as gateway:
        try:
            done = gateway.call("POST", path, body)
        except Problem as problem:
            token = problem.facts.get("token")
            if problem.status != 428 or token is None:
                raise
            if not arguments.yes:
                for line in problem.facts.get("consequences", ()):
                    terminal.remark(line)
                raise
            done = gateway.call("POST", path, body | {"confirm": token})
    terminal.answer(done)
    item = done["item"]
    terminal.say(f"{item['sku']} is tracked by {item['tracking']}.")
    if done["opened"]:
        terminal.say(f"{done['opened']} pieces have a serial now.")
    if done["without_serial"]:
        terminal.say(f"{done['without_serial']} pieces are without a serial.")
    if done["untracked"]:
        terminal.say(f"{done['untracked']} serials have ended.")
    for location, lot in done["lots"].items():
        terminal.say(f"The pieces at {location} are in lot {lot}.")
    return 0


def show_next(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Show an item's next serials, without taking any."""
    path = f"{ITEM.path(arguments.name)}/serials/next"
    with call_gateway(arguments) as gateway:
        found = gateway.call("GET", path, query={"count": str(arguments.count)})["items"]
    terminal.answer(found)
    for serial in found:
        terminal.say(serial)
    return 0


def unlock_item(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Forget which systems know an item."""
    with call_gateway(arguments) as gateway:
        item = gateway.call(
            "POST", f"{ITEM.path(arguments.name)}/unlock", {"reason": arguments.reason}
        )
    terminal.answer(item)
    terminal.say(f"The tracking of {item['sku']} can change again.")
    return 0
