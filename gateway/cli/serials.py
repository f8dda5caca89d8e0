"""``label-gateway serial``: what a serial is, where it was, and what is done with it."""

from __future__ import annotations

import argparse
import itertools
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gateway.cli.calling import add_action, call_gateway
from gateway.cli.terminal import Terminal, local_time
from gateway.cli.words import parse_fields

if TYPE_CHECKING:
    from gateway.client import Gateway

FILTERS = (
    ("item", "SKU", "of this item"),
    ("state", "STATE", "in this state; several with commas"),
    ("location", "CODE", "at this location"),
    ("customer", "CODE", "that this customer has"),
    ("supplier", "CODE", "that came from this supplier"),
    ("lot", "CODE", "of this lot (with --item)"),
    ("document", "NUMBER", "on this document, such as sales_order/SO-17"),
    ("held", "REASON", "held for this reason; yes: for any"),
    ("label", "STATE", "whose label is none, pending, sent, printed or uncertain"),
    ("prefix", "TEXT", "that begin so"),
    ("received-from", "DAY", "received on this day or later"),
    ("received-to", "DAY", "received on this day or before"),
    ("shipped-from", "DAY", "shipped on this day or later"),
    ("shipped-to", "DAY", "shipped on this day or before"),
    ("warranty-before", "DAY", "whose warranty ends before this day"),
)
"""Option of ``list``, what it takes, what it means."""

STEPS = (
    ("receive", "receive", "take serials in", ("item", "location", "party", "lot", "cost")),
    ("adjust-in", "adjust_in", "add serials to stock by a correction",
     ("item", "location", "lot", "reason", "cost")),
    ("move", "transfer", "move serials to another location", ("item", "location", "reason")),
    ("ship", "ship", "send serials to a customer", ("item", "party")),
    ("return", "return", "take serials back from a customer",
     ("item", "location", "party", "reason")),
    ("accept", "accept", "find serials good", ("item", "location")),
    ("reject", "reject", "find serials bad", ("item", "location", "reason")),
    ("send-back", "send_back", "send serials back to their supplier", ("item", "party", "reason")),
    ("write-off", "write_off", "take serials out of stock for good", ("item", "reason")),
    ("reinstate", "reinstate", "take a write-off back", ("item", "location", "reason")),
    ("consume", "consume", "put serials into an assembly", ("item", "parent")),
    ("unbuild", "unbuild", "take serials out of an assembly", ("item", "location")),
    ("hold", "hold", "let serials go nowhere", ("item", "reason")),
    ("unhold", "unhold", "let held serials go", ("item",)),
)  # fmt: skip
"""Action of the command line, the registry's, what it does, which options it takes."""

_OPTIONS = {
    "item": ("SKU", "the item they are of"),
    "location": ("CODE", "where they are put"),
    "party": ("CODE", "the customer or supplier"),
    "lot": ("CODE", "the lot they come in"),
    "reason": ("TEXT", "why"),
    "parent": ("SERIAL", "the assembly"),
    "cost": ("CENTS:CURRENCY", "what each cost, in minor units, such as 1250:EUR"),
}


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "serial",
        help="see, receive, move, hold and print serials",
        description="What a serial is, where it was, and what is done with it. Serials are "
        "written as a list: A1 A2, A1..A99, next*5. All of a list, or none.",
        epilog="examples:\n"
        "  label-gateway serial receive --item DRILL --location A-01 A1..A9\n"
        "  label-gateway serial move --location B-02 A1 A2\n"
        "  label-gateway serial history A1\n"
        "  label-gateway serial print --printer zebra --item DRILL A1..A9\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)

    listing = add_action(actions, "list", list_serials, "list serials")
    for name, takes, words in FILTERS:
        listing.add_argument(f"--{name}", metavar=takes, help=words)
    listing.add_argument("--inside", action="store_true", help="and inside that location")
    listing.add_argument("--on-hand", action="store_true", help="only those in stock")
    listing.add_argument(
        "--field", action="append", default=[], metavar="NAME=VALUE", help="with a custom field so"
    )
    listing.add_argument("--limit", type=int, default=50, metavar="N", help="at most (50)")

    for name, command, words in (
        ("show", show_serial, "show a serial with all that is known of it"),
        ("history", show_history, "show what happened to a serial, newest first"),
        ("parts", show_parts, "show what went into an assembly"),
    ):
        action = add_action(actions, name, command, words)
        action.add_argument("serial", help="a serial, its GW- code or its id")
        action.add_argument("--item", metavar="SKU", help="where several items have it")

    found = add_action(actions, "find", find_code, "say everything a code means")
    found.add_argument("code", help="a serial, SKU, GTIN, location, document or GW- code")

    recall = add_action(
        actions, "recall", recall_lot, "follow the pieces of a lot to where they are",
        "Shows every piece of the lot and every product that holds one, with the customers.",
    )  # fmt: skip
    recall.add_argument("item", help="SKU")
    recall.add_argument("lot", help="the lot's code")

    for name, verb, words, options in STEPS:
        action = add_action(actions, name, act_on_serials, words)
        _add_serials(action)
        for option in options:
            takes, meaning = _OPTIONS[option]
            action.add_argument(f"--{option}", metavar=takes, help=meaning)
        action.add_argument("--memo", metavar="TEXT", help="a note on each of them")
        action.add_argument(
            "--field", action="append", default=[], metavar="NAME=VALUE", help="a custom field"
        )
        action.add_argument(
            "--confirm", metavar="TOKEN", help="of a refusal that asked for a confirmation"
        )
        action.add_argument("--dry-run", action="store_true", help="only say what would happen")
        action.set_defaults(action=verb)

    renamed = add_action(actions, "rename", rename_serial, "correct a serial entered wrongly")
    renamed.add_argument("serial", help="as it was entered, its GW- code or its id")
    renamed.add_argument("to", help="what it is called")
    renamed.add_argument("--item", metavar="SKU", help="where several items have it")
    renamed.add_argument("--reason", metavar="TEXT", required=True, help="why")

    noted = add_action(actions, "note", note_serial, "write a memo or custom fields of a serial")
    noted.add_argument("serial", help="a serial, its GW- code or its id")
    noted.add_argument(
        "--field", action="append", default=[], metavar="NAME=VALUE", help="a custom field"
    )
    noted.add_argument("--memo", metavar="TEXT", help="what people shall know of it")
    noted.add_argument("--item", metavar="SKU", help="where several items have it")

    printed = add_action(actions, "print", print_serials, "print labels for serials")
    _add_serials(printed)
    printed.add_argument("--printer", required=True, metavar="NAME", help="a printer or a pool")
    printed.add_argument("--template", metavar="NAME", help="another than 'serial'")
    printed.add_argument("--copies", type=int, default=1, metavar="N", help="of each label (1)")
    printed.add_argument("--item", metavar="SKU", help="the item they are of")
    printed.add_argument("--lot", metavar="CODE", help="all of a lot instead (with --item)")
    printed.add_argument("--document", metavar="NUMBER", help="all of a document instead")
    printed.add_argument("--own-code", action="store_true", help="the gateway's own code, too")
    printed.add_argument("--wait", action="store_true", help="until they are on paper")

    undone = add_action(actions, "undo", undo_event, "take an event back, whole")
    undone.add_argument("event", type=int, help="its number, as history shows it")
    undone.add_argument("--reason", metavar="TEXT", default="", help="why")


def _add_serials(action: argparse.ArgumentParser) -> None:
    action.add_argument("serials", nargs="*", metavar="serial", help="such as A1, A1..A99, next*5")
    action.add_argument(
        "--file", metavar="FILE", help="a list of serials in a file; -: from the standard input"
    )


def list_serials(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List serials."""
    query: dict[str, str | None] = {
        name.replace("-", "_"): getattr(arguments, name.replace("-", "_")) for name, _, _ in FILTERS
    }
    if arguments.inside:
        query["inside"] = "1"
    if arguments.on_hand:
        query["show"] = "on_hand"
    query |= {f"field.{name}": value for name, value in parse_fields(arguments.field).items()}
    limit = max(0, arguments.limit)
    query["limit"] = str(min(500, limit + 1))
    with call_gateway(arguments) as gateway:
        found = list(itertools.islice(gateway.items("/v1/serials", query), limit + 1))
    serials = found[:limit]
    terminal.answer(serials)
    if not serials:
        terminal.say("There are no such serials.")
        return 0
    _table(serials, terminal)
    if len(found) > limit:
        terminal.say(f"The first {limit}; see more with --limit.")
    return 0


def _table(serials: list[dict[str, Any]], terminal: Terminal) -> None:
    terminal.table(
        ["serial", "item", "state", "location", "customer", "lot", "label", "id"],
        [
            [
                one["serial"], one["item"], _state(one), one["location"], one["customer"],
                one["lot"], one["label"], one["id"],
            ]
            for one in serials
        ],
    )  # fmt: skip


def _state(one: dict[str, Any]) -> str:
    state = str(one["state"]).replace("_", " ")
    return f"{state} (held: {one['held']})" if one["held"] else state


def _find(gateway: Gateway, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the one serial that a person names."""
    query = {"code": arguments.serial, "item": arguments.item, "kind": "serial"}
    found = gateway.call("GET", "/v1/resolve", query=query)
    serial: dict[str, Any] = gateway.call("GET", found["links"]["self"])
    return serial


def show_serial(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Show one serial."""
    with call_gateway(arguments) as gateway:
        one = _find(gateway, arguments)
    terminal.answer(one)
    document = one["document"] or {}
    seen = one["last_seen"] or {}
    terminal.pairs(
        [
            ("serial", one["serial"]),
            ("item", one["item"]),
            ("id", one["id"]),
            ("life", one["life"]),
            ("state", _state(one)),
            ("label", one["label"]),
            ("location", one["location"]),
            ("last seen", f"{seen.get('location')} {local_time(seen.get('at'))}" if seen else ""),
            ("lot", one["lot"]),
            ("customer", one["customer"]),
            ("supplier", one["supplier"]),
            ("part of", one["parent"]),
            ("document", f"{document['type']} {document['number']}" if document else ""),
            ("cost", _money(one["cost"])),
            ("price", _money(one["price"])),
            ("received", local_time(one["received_at"])),
            ("shipped", local_time(one["shipped_at"])),
            ("supplier's warranty to", one["warranty"]["in"]),
            ("warranty to", one["warranty"]["out"]),
            ("service due", one["service_due"]),
            ("memo", one["memo"]),
            *((name, value) for name, value in one["fields"].items()),
            ("also called", ", ".join(one["also_called"])),
            ("may", ", ".join(one["allowed"])),
        ]
    )
    return 0


def _money(money: dict[str, Any] | None) -> str:
    return "" if money is None else f"{money['amount']} {money['currency']} (minor units)"


def show_history(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Show what happened to a serial."""
    with call_gateway(arguments) as gateway:
        one = _find(gateway, arguments)
        steps = list(gateway.items(one["links"]["history"]))
    terminal.answer(steps)
    terminal.table(
        ["event", "when", "what", "from", "to", "by", "why", "changed"],
        [
            [
                step["seq"],
                local_time(step["at"]),
                step["action"].replace("_", " ") + (" (undone)" if step["corrected_by"] else ""),
                _place(step["from"]),
                _place(step["to"]),
                step["operator"] or step["actor"],
                step["reason"],
                ", ".join(step["changed"]),
            ]
            for step in steps
        ],
    )
    return 0


def _place(side: dict[str, Any]) -> str:
    return " ".join(str(side[name]) for name in ("state", "location") if side[name])


def show_parts(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Show what went into an assembly."""
    with call_gateway(arguments) as gateway:
        one = _find(gateway, arguments)
        parts = list(gateway.items(f"{one['links']['self']}/parts"))
    terminal.answer(parts)
    if not parts:
        terminal.say(f"Nothing went into {one['serial']}.")
        return 0
    terminal.table(
        ["depth", "serial", "item", "id", "into"],
        [[p["depth"], p["serial"], p["item"], p["id"], p["parent"]] for p in parts],
    )
    return 0


def find_code(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Say what a code means."""
    query = {"code": arguments.code, "all": "true"}
    with call_gateway(arguments) as gateway:
        found = gateway.call("GET", "/v1/resolve", query=query)["items"]
        if not found:  # refused, with what it may have been meant to be
            gateway.call("GET", "/v1/resolve", query={"code": arguments.code})
    terminal.answer(found)
    terminal.table(
        ["kind", "name", "item", "state", "location", "customer", "by"],
        [
            [one["kind"], one["name"], one.get("item"), one.get("state"), one.get("location"),
             one.get("customer"), one["by"]]
            for one in found
        ],
    )  # fmt: skip
    return 0


def recall_lot(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Follow a lot's pieces."""
    query = {"item": arguments.item, "lot": arguments.lot, "limit": "500"}
    with call_gateway(arguments) as gateway:
        pieces = list(gateway.items("/v1/recall", query))
    terminal.answer(pieces)
    if not pieces:
        terminal.say("There are no serials in that lot.")
        return 0
    _table(pieces, terminal)
    return 0


def _list_of(arguments: argparse.Namespace) -> str:
    """Return the list of serials, as one text."""
    texts = list(arguments.serials)
    if arguments.file == "-":
        texts.append(sys.stdin.read())
    elif arguments.file:
        try:
            texts.append(Path(arguments.file).read_text("utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            raise argparse.ArgumentTypeError(
                f"the list {arguments.file} cannot be read: {error}"
            ) from error
    if not texts:
        raise argparse.ArgumentTypeError("name the serials, or give --file")
    return "\n".join(texts)


def act_on_serials(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Do something with serials."""
    body: dict[str, Any] = {"action": arguments.action, "serials": _list_of(arguments)}
    for name in ("item", "location", "party", "lot", "reason", "parent", "memo", "confirm"):
        if (value := getattr(arguments, name, None)) is not None:
            body[name] = value
    if getattr(arguments, "cost", None):
        body["cost"] = _parse_cost(arguments.cost)
    if arguments.field:
        body["fields"] = parse_fields(arguments.field)
    query = {"dry_run": "1" if arguments.dry_run else None}
    with call_gateway(arguments) as gateway:
        done = gateway.call("POST", "/v1/serials/actions", body, query=query)
    terminal.answer(done)
    span = done["first"] if done["count"] == 1 else f"{done['first']} to {done['last']}"
    word = done["action"].replace("_", " ")
    if arguments.dry_run:
        terminal.say(f"{word}: {done['count']} would be done ({span}).")
    else:
        terminal.say(f"{word}: {done['count']} done ({span}), event {done['event']}.")
    for warning in done["warnings"][:10]:
        terminal.remark(f"  {warning['detail']}")
    if done["warned"] > 10:
        terminal.remark(f"  and {done['warned'] - 10} more warnings")
    return 0


def _parse_cost(text: str) -> dict[str, Any]:
    amount, colon, currency = text.partition(":")
    if not colon or not amount.lstrip("-").isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no cost; write for example 1250:EUR")
    return {"amount": int(amount), "currency": currency}


def rename_serial(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Correct a serial."""
    with call_gateway(arguments) as gateway:
        one = _find(gateway, arguments)
        done = gateway.call(
            "POST", f"{one['links']['self']}/rename",
            {"to": arguments.to, "reason": arguments.reason},
        )  # fmt: skip
    terminal.answer(done)
    terminal.say(f"{one['serial']} of {one['item']} is {done['first']} now; both find it.")
    return 0


def note_serial(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write a memo or custom fields."""
    body: dict[str, Any] = {}
    if arguments.memo is not None:
        body["memo"] = arguments.memo
    if arguments.field:
        body["fields"] = parse_fields(arguments.field)
    if not body:
        raise argparse.ArgumentTypeError("give --memo, or --field NAME=VALUE")
    with call_gateway(arguments) as gateway:
        one = _find(gateway, arguments)
        changed = gateway.call("PATCH", one["links"]["self"], body)
    terminal.answer(changed)
    terminal.say(f"{changed['serial']} is noted.")
    return 0


def print_serials(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print labels for serials."""
    body: dict[str, Any] = {"printer": arguments.printer, "copies": arguments.copies}
    for name in ("template", "item", "lot", "document"):
        if getattr(arguments, name) is not None:
            body[name] = getattr(arguments, name)
    if arguments.lot is None and arguments.document is None:
        body["serials"] = _list_of(arguments)
    if arguments.own_code:
        body["fields"] = {"qr": "yes"}
    with call_gateway(arguments) as gateway:
        made = gateway.call("POST", "/v1/serials/print", body)
        if arguments.wait:
            from gateway.cli.print_labels import wait_for

            return wait_for(gateway, [gateway.job(made["id"])], terminal, None)
    terminal.answer(made)
    terminal.say(f"{made['id']}: {made['labels']} labels on {made['printer']}, {made['state']}")
    return 0


def undo_event(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Take an event back."""
    path = f"/v1/registry/events/{quote(str(arguments.event), safe='')}/undo"
    with call_gateway(arguments) as gateway:
        undone = gateway.call("POST", path, {"reason": arguments.reason})
    terminal.answer(undone)
    terminal.say(f"Event {undone['corrects']} is undone for {undone['count']} serials.")
    return 0
