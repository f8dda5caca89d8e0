"""``label-gateway stock``: what there is of each item, and where."""

from __future__ import annotations

import argparse
import itertools
from typing import Any
from urllib.parse import quote

from gateway.cli.calling import add_action, call_gateway
from gateway.cli.terminal import Terminal, local_time


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "stock",
        help="what there is of each item, and where",
        description="What is on hand, on order, committed and available of each item. On hand is "
        "what was received and not yet picked; available is what can still be promised.",
        epilog="examples:\n"
        "  label-gateway stock list --below\n"
        "  label-gateway stock list DRILL --by location\n"
        "  label-gateway stock movements DRILL\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listed = add_action(actions, "list", list_stock, "list items with what there is of them")
    listed.add_argument("items", nargs="*", metavar="SKU", help="only these items")
    listed.add_argument("--location", metavar="CODE", help="only what is there, or inside it")
    listed.add_argument("--below", action="store_true", help="only items to be reordered")
    listed.add_argument(
        "--by", choices=("location", "lot"), default="", help="tell each location or lot"
    )
    moved = add_action(actions, "movements", list_movements, "list what moved of an item")
    moved.add_argument("item", metavar="SKU")
    moved.add_argument("--limit", type=int, default=50, metavar="N", help="at most so many (50)")


def list_stock(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List what there is of items."""
    with call_gateway(arguments) as gateway:
        # Each item is asked for alone, so that they come in the order they were named.
        found = [
            level
            for item in arguments.items or [None]
            for level in gateway.items(
                "/v1/stock",
                {
                    "item": item,
                    "location": arguments.location,
                    "below": "1" if arguments.below else None,
                    "by": arguments.by or None,
                },
            )
        ]
    terminal.answer(found)
    if not found:
        terminal.say("There is nothing like that in stock.")
        return 0
    spots = f"{arguments.by}s"
    columns = ["item", "name", "on hand", "on order", "committed", "available", "held", "reorder"]
    if arguments.by:
        columns.insert(2, arguments.by)
    rows: list[list[object]] = []
    for level in found:
        row = [
            level["item"], level["name"], level["on_hand"], level["on_order"], level["committed"],
            level["available"], level["held"], _reorder(level),
        ]  # fmt: skip
        if arguments.by:
            row.insert(2, "")
        rows.append(row)
        rows += [
            [
                "", "", spot[arguments.by] or "-", spot["on_hand"], "", spot["committed"],
                spot["available"], spot["held"], _reorder(spot),
            ]
            for spot in level.get(spots, ())
        ]  # fmt: skip
    terminal.table(columns, rows)
    return 0


def _reorder(row: dict[str, Any]) -> str:
    point = row.get("reorder_point")
    if point is None:
        return ""
    return f"{point} (reached)" if row["below"] else str(point)


def list_movements(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List what moved of an item, newest first."""
    path = f"/v1/items/{quote(arguments.item, safe='')}/movements"
    with call_gateway(arguments) as gateway:
        found = list(itertools.islice(gateway.items(path), max(0, arguments.limit)))
    terminal.answer(found)
    if not found:
        terminal.say(f"Nothing of {arguments.item} has moved yet.")
        return 0
    terminal.table(
        ["at", "action", "serial or lot", "quantity", "from", "to", "document", "by"],
        [
            [
                local_time(one["at"]), one["action"], one["serial"] or one["lot"],
                one["quantity"], _where(one["from"]), _where(one["to"]),
                "" if one["document"] is None else one["document"]["number"],
                one["operator"] or one["station"] or one["actor"],
            ]
            for one in found
        ],
    )  # fmt: skip
    return 0


def _where(end: dict[str, Any]) -> str:
    return " ".join(part for part in (end["state"], end["location"]) if part)
