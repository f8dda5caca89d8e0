"""``label-gateway doc``: orders, deliveries, transfers, counts, and their steps."""

from __future__ import annotations

import argparse
import itertools
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gateway.cli.calling import add_action, call_gateway
from gateway.cli.terminal import Terminal

if TYPE_CHECKING:
    from gateway.client import Gateway

STEPS = (
    ("confirm", "place an order, or reserve what it asks for"),
    ("post", "take a receipt, transfer, write-off, adjustment, invoice or stocktake to its end"),
    ("receive", "take in what an order or a return brings"),
    ("drop-ship", "let the supplier send it straight to a customer"),
    ("pick", "take pieces from the shelf for an order"),
    ("unpick", "put them back"),
    ("ship", "send pieces off"),
    ("inspect", "find returned pieces good or bad"),
    ("start", "begin a work order or a stocktake"),
    ("consume", "build components in"),
    ("produce", "take products in"),
    ("finish", "end a work order"),
    ("unbuild", "take components out of a product"),
    ("dispatch", "send a transfer on its way"),
    ("arrive", "take in what has arrived of a transfer"),
    ("close", "end a document with what there is"),
    ("cancel", "take a document back"),
)
"""Steps of documents: verb, what it does."""

_HEAD = (
    ("party", "CODE", "the customer or supplier"),
    ("from", "LOCATION", "where its pieces are taken"),
    ("to", "LOCATION", "where its pieces are put"),
    ("source", "TYPE/NUMBER", "the document it fulfils"),
    ("external-ref", "TEXT", "the partner's own number"),
    ("due-on", "DAY", "when it is due"),
    ("currency", "CODE", "of its prices, such as EUR"),
    ("reason", "TEXT", "why"),
    ("memo", "TEXT", "a note"),
)


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "doc",
        help="orders, deliveries, transfers, stocktakes and their steps",
        description="Documents are named by type and number, such as sales_order/SO-17, or by the "
        "number alone where no other type has it. A draft may say anything; each step says what "
        "it still needs.",
        epilog="examples:\n"
        "  label-gateway doc new purchase_order --party ACME --to A-01 --line DRILL=10\n"
        "  label-gateway doc add PO-00001 1 A1..A10\n"
        "  label-gateway doc confirm PO-00001\n"
        "  label-gateway doc receive PO-00001\n"
        "  label-gateway doc new shipment --source sales_order/SO-17\n"
        "  label-gateway doc ship SH-00001\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)

    listing = add_action(actions, "list", list_documents, "list documents, newest first")
    listing.add_argument("type", nargs="?", help="such as sales_order; all when left out")
    listing.add_argument("--status", metavar="STATUS", help="such as open, or unfinished")
    listing.add_argument("--party", metavar="CODE", help="of this customer or supplier")
    listing.add_argument("--item", metavar="SKU", help="with this item on a line")
    listing.add_argument("--limit", type=int, default=50, metavar="N", help="at most (50)")

    shown = add_action(actions, "show", show_document, "show a document with its lines")
    shown.add_argument("document")

    made = add_action(actions, "new", new_document, "make a document")
    made.add_argument("type", help="such as sales_order; with /NUMBER to number it yourself")
    changed = add_action(actions, "set", set_document, "change a document")
    changed.add_argument("document")
    for action in (made, changed):
        for name, takes, words in _HEAD:
            action.add_argument(f"--{name}", metavar=takes, help=words)
        action.add_argument(
            "--line", action="append", metavar="SKU=QUANTITY[:UNIT]",
            help="one line for each; they replace those there are",
        )  # fmt: skip
        action.add_argument("--field", action="append", default=[], metavar="NAME=VALUE",
                            help="a custom field")  # fmt: skip

    removed = add_action(actions, "delete", delete_document, "delete a draft")
    removed.add_argument("document")

    added = add_action(actions, "add", choose_serials, "choose serials or lots for a line")
    added.add_argument("document")
    added.add_argument("line", type=int)
    _add_given(added, "serials")
    taken = add_action(actions, "take-off", unchoose_serial, "take a serial off a line")
    taken.add_argument("document")
    taken.add_argument("line", type=int)
    taken.add_argument("serial")
    hinted = add_action(actions, "suggest", suggest, "say what could be chosen for a line")
    hinted.add_argument("document")
    hinted.add_argument("line", type=int)
    checked = add_action(actions, "check", check_document, "say what a document still lacks")
    checked.add_argument("document")
    checked.add_argument("--for", dest="step", default="ship", metavar="STEP",
                         help="ship, invoice, receive, start or finish (ship)")  # fmt: skip

    for verb, words in STEPS:
        action = add_action(actions, verb, take_step, words)
        action.add_argument("document")
        action.add_argument("--line", type=int, metavar="N", help="only this line, with:")
        _add_given(action, "--serials")
        action.add_argument("--location", metavar="CODE", help="where its pieces are put")
        action.add_argument("--party", metavar="CODE", help="to or from whom")
        action.add_argument("--reason", metavar="TEXT", help="why")
        action.add_argument("--condition", metavar="TEXT", help="of what comes back")
        action.add_argument("--accept", metavar="SERIALS", help="found good")
        action.add_argument("--reject", metavar="SERIALS", help="found bad")
        action.add_argument("--parent", metavar="SERIAL", help="the product")
        action.add_argument("--shortages", choices=("lost", "back"),
                            help="what became of what did not arrive")  # fmt: skip
        action.add_argument("--release", action="store_true", help="and give them free")
        action.add_argument("--confirm", metavar="TOKEN", action="append", default=[],
                            help="of a refusal that asked for a confirmation")  # fmt: skip
        action.set_defaults(verb=verb.replace("-", "_"))

    costed = add_action(actions, "landed-cost", share_cost, "add freight to a receipt's pieces")
    costed.add_argument("document")
    costed.add_argument("amount", metavar="CENTS:CURRENCY", help="over all, such as 12500:EUR")
    costed.add_argument("--reason", metavar="TEXT", help="what for")

    counted = add_action(actions, "count", count, "write down what is seen in a stocktake")
    counted.add_argument("document")
    counted.add_argument("--serials", nargs="*", metavar="serial", default=[], help="what is seen")
    counted.add_argument("--location", metavar="CODE", help="where it is seen")
    counted.add_argument("--item", metavar="SKU", help="of which item")
    counted.add_argument("--lot", metavar="CODE", help="of which lot")
    counted.add_argument("--quantity", type=int, metavar="N", help="how much of it")
    counted.add_argument("--file", type=Path, metavar="FILE",
                         help="a table: location, item, serial, lot, quantity")  # fmt: skip
    differed = add_action(actions, "differences", list_differences, "show what a count found")
    differed.add_argument("document")
    decided = add_action(actions, "decide", decide, "decide about differences of a count")
    decided.add_argument("document")
    decided.add_argument("decisions", nargs="+", metavar="DIFFERENCE=DECISION",
                         help="such as missing=write_off, DRILL/A1=keep")  # fmt: skip


def _add_given(action: argparse.ArgumentParser, *serials: str) -> None:
    # Behind options argparse takes no optional positional: a step names its serials by an option.
    action.add_argument(*serials, nargs="*", metavar="serial", default=[],
                        help="such as A1, A1..A9, next*5")  # fmt: skip
    action.add_argument("--file", metavar="FILE", help="a list of serials; -: standard input")
    action.add_argument("--lot", action="append", default=[], metavar="LOT=QUANTITY[@LOCATION]",
                        help="a quantity of a lot")  # fmt: skip
    action.add_argument("--quantity", type=int, metavar="N", help="of an item without lots")
    action.add_argument("--dry-run", action="store_true", help="only say what would happen")


# ---------------------------------------------------------------------- reading


def _path(gateway: Gateway, name: str) -> str:
    """Return the address of the document that a person names.

    Raises:
        argparse.ArgumentTypeError: there is none of that number, or several.
    """
    kind, slash, number = name.partition("/")
    if slash:
        return f"/v1/documents/{quote(kind, safe='')}/{quote(number, safe='')}"
    found = list(gateway.items("/v1/documents", {"number": name}))
    if len(found) != 1:
        several = ", ".join(f"{one['type']}/{one['number']}" for one in found)
        raise argparse.ArgumentTypeError(
            f"{name} is the number of several documents: {several}"
            if found
            else f"there is no document {name}"
        )
    return str(found[0]["links"]["self"])


def list_documents(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List documents."""
    limit = max(1, arguments.limit)
    query = {name: getattr(arguments, name) for name in ("status", "party", "item")}
    query["limit"] = str(min(500, limit + 1))
    kind = f"/{quote(arguments.type, safe='')}" if arguments.type else ""
    with call_gateway(arguments) as gateway:
        found = list(itertools.islice(gateway.items(f"/v1/documents{kind}", query), limit + 1))
    terminal.answer(found[:limit])
    if not found:
        terminal.say("There are no such documents.")
        return 0
    terminal.table(
        ["document", "status", "party", "due", "reference", "memo"],
        [
            [
                f"{one['type']}/{one['number']}", one["status"].replace("_", " "), one["party"],
                one["due_on"], one["external_ref"], one["memo"],
            ]
            for one in found[:limit]
        ],
    )  # fmt: skip
    if len(found) > limit:
        terminal.say(f"The first {limit}; see more with --limit.")
    return 0


def show_document(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Show one document."""
    with call_gateway(arguments) as gateway:
        one = gateway.call("GET", _path(gateway, arguments.document))
    terminal.answer(one)
    _show(one, terminal)
    return 0


def _show(one: dict[str, Any], terminal: Terminal) -> None:
    source = one["source"] or {}
    terminal.pairs(
        [
            ("document", f"{one['type']}/{one['number']}"),
            ("status", one["status"].replace("_", " ")),
            ("party", one["party"]),
            ("from", one["from"]),
            ("to", one["to"]),
            ("fulfils", f"{source['type']}/{source['number']}" if source else ""),
            ("reference", one["external_ref"]),
            ("due", one["due_on"]),
            ("reason", one["reason"]),
            ("memo", one["memo"]),
            *((name, value) for name, value in one["fields"].items()),
            ("may", ", ".join(one["allowed"])),
        ]
    )
    if one["lines"]:
        terminal.table(
            ["line", "item", "pieces", "chosen", "picked", "done", "backorder", "serials"],
            [
                [
                    f"{line['part_of'] or ''}{'>' if line['part_of'] else ''}{line['line']}",
                    line["item"], line["pieces"],
                    line["planned"] + line["committed"] + line["wanted"], line["picked"],
                    line["done"], line["backorder"] or "",
                    line["serial_status"].replace("_", " "),
                ]
                for line in one["lines"]
            ],
        )  # fmt: skip


# ---------------------------------------------------------------------- saving


def _body(arguments: argparse.Namespace) -> dict[str, Any]:
    from gateway.cli.words import parse_fields

    body: dict[str, Any] = {}
    for name, _, _ in _HEAD:
        value = getattr(arguments, name.replace("-", "_"))
        if value is not None:
            body[name.replace("-", "_")] = value
    if "source" in body:
        kind, _, number = body["source"].partition("/")
        body["source"] = {"type": kind, "number": number}
    if arguments.line is not None:
        body["lines"] = [_line(text) for text in arguments.line]
    if arguments.field:
        body["fields"] = parse_fields(arguments.field)
    return body


def _line(text: str) -> dict[str, Any]:
    item, equals, rest = text.rpartition("=")
    if not equals:
        item, rest = text, "1"
    quantity, _, unit = rest.partition(":")
    return {"item": item, "quantity": quantity} | ({"uom": unit} if unit else {})


def new_document(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Make a document."""
    kind, _, number = arguments.type.partition("/")
    body = _body(arguments) | ({"number": number} if number else {})
    with call_gateway(arguments) as gateway:
        one = gateway.call("POST", f"/v1/documents/{quote(kind, safe='')}", body)
    terminal.answer(one)
    terminal.say(f"{one['type']}/{one['number']} is made, with {_so_many(len(one['lines']))}.")
    return 0


def set_document(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Change a document."""
    with call_gateway(arguments) as gateway:
        one = gateway.call("PUT", _path(gateway, arguments.document), _body(arguments))
    terminal.answer(one)
    _show(one, terminal)
    return 0


def delete_document(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Delete a draft."""
    with call_gateway(arguments) as gateway:
        gateway.call("DELETE", _path(gateway, arguments.document))
    terminal.answer({"deleted": arguments.document})
    terminal.say(f"{arguments.document} is deleted.")
    return 0


# ---------------------------------------------------------------------- choosing


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what is given for a line."""
    given: dict[str, Any] = {}
    texts = list(arguments.serials)
    if arguments.file == "-":
        texts.append(sys.stdin.read())
    elif arguments.file:
        texts.append(_read(Path(arguments.file)).decode("utf-8-sig", "replace"))
    if texts:
        given["serials"] = "\n".join(texts)
    if arguments.lot:
        given["lots"] = [_lot(text) for text in arguments.lot]
    if arguments.quantity is not None:
        given["quantity"] = arguments.quantity
    return given


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{file} cannot be read: {error}") from error


def _lot(text: str) -> dict[str, Any]:
    rest, _, place = text.partition("@")
    lot, _, quantity = rest.rpartition("=")
    if not lot or not (quantity.isascii() and quantity.isdecimal()):
        raise argparse.ArgumentTypeError(
            f"a lot is written as LOT=QUANTITY or LOT=QUANTITY@LOCATION, not {text!r}"
        )
    return {"lot": lot, "quantity": int(quantity)} | ({"location": place} if place else {})


def choose_serials(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Choose serials or quantities for a line."""
    given = _given(arguments)
    noun = "serials" if "serials" in given else "lots"
    query = {"dry_run": "1" if arguments.dry_run else None}
    with call_gateway(arguments) as gateway:
        path = f"{_path(gateway, arguments.document)}/lines/{arguments.line}/{noun}"
        done = gateway.call("POST", path, given, query=query)
    terminal.answer(done)
    span = f" ({done['first']} to {done['last']})" if done["first"] else ""
    word = "would be" if arguments.dry_run else "are"
    terminal.say(f"{done['chosen']} {word} chosen{span}; the line takes {done['room']} more.")
    _warn(done, terminal)
    return 0


def unchoose_serial(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Take a serial off a line."""
    with call_gateway(arguments) as gateway:
        path = f"{_path(gateway, arguments.document)}/lines/{arguments.line}/serials"
        gateway.call("DELETE", f"{path}/{quote(arguments.serial, safe='')}")
    terminal.answer({"taken_off": arguments.serial})
    terminal.say(f"{arguments.serial} is off line {arguments.line}.")
    return 0


def suggest(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Say what could be chosen for a line."""
    with call_gateway(arguments) as gateway:
        path = f"{_path(gateway, arguments.document)}/lines/{arguments.line}/suggest"
        found = gateway.call("GET", path)
    terminal.answer(found)
    for serial in found["serials"]:
        terminal.say(serial)
    for one in found["lots"]:
        lot = f"lot {one['lot']} " if one["lot"] else ""
        terminal.say(f"{one['quantity']} of {lot}at {one['location']}")
    return 0


def check_document(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Say what a document still lacks; the exit code is 1 when it lacks anything."""
    with call_gateway(arguments) as gateway:
        found = gateway.call(
            "GET", f"{_path(gateway, arguments.document)}/check", query={"for": arguments.step}
        )
    terminal.answer(found)
    for one in found["missing"]:
        terminal.say(one["detail"])
    if found["ok"]:
        terminal.say(f"Nothing is missing to {arguments.step} {arguments.document}.")
    return 0 if found["ok"] else 1


# ---------------------------------------------------------------------- steps


def take_step(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Take a step of a document."""
    body: dict[str, Any] = {}
    given = _given(arguments)
    for name in (
        "location", "party", "reason", "condition", "accept", "reject", "parent", "shortages",
    ):  # fmt: skip
        if (value := getattr(arguments, name)) is not None:
            body[name] = value
    if arguments.release:
        body["release"] = True
    if arguments.confirm:
        body["confirm"] = arguments.confirm
    query = {"dry_run": "1" if arguments.dry_run else None}
    with call_gateway(arguments) as gateway:
        path = _path(gateway, arguments.document)
        line = arguments.line
        if line is None and given:
            line = _only_line(gateway, path)
        if line is not None:
            body["lines"] = [{"line": line, **given}]
        done = gateway.call("POST", f"{path}/{arguments.verb}", body, query=query)
    terminal.answer(done)
    _say_done(done, terminal, dry=arguments.dry_run)
    return 0


def _so_many(lines: int) -> str:
    return "1 line" if lines == 1 else f"{lines} lines"


def _only_line(gateway: Gateway, path: str) -> int:
    """Return a document's one line, for those who name none.

    Raises:
        argparse.ArgumentTypeError: it has several.
    """
    lines = gateway.call("GET", path)["lines"]
    if len(lines) != 1:
        raise argparse.ArgumentTypeError("say by --line for which line that is")
    return int(lines[0]["line"])


def _say_done(done: dict[str, Any], terminal: Terminal, *, dry: bool = False) -> None:
    one = done["document"]
    status = one["status"].replace("_", " ")
    events = ", ".join(str(event) for event in done["events"])
    said = f"{one['type']}/{one['number']} {'would be' if dry else 'is'} {status}"
    terminal.say(f"{said}, event {events}." if events and not dry else f"{said}.")
    _warn(done, terminal)


def _warn(done: dict[str, Any], terminal: Terminal) -> None:
    for warning in done["warnings"][:10]:
        terminal.remark(f"note: {warning['detail']}")


def share_cost(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Add a cost to a receipt's pieces."""
    amount, _, currency = arguments.amount.partition(":")
    if not amount.lstrip("-").isdecimal() or not currency:
        raise argparse.ArgumentTypeError("the amount is written such as 12500:EUR")
    body: dict[str, Any] = {"amount": {"amount": int(amount), "currency": currency}}
    if arguments.reason:
        body["reason"] = arguments.reason
    with call_gateway(arguments) as gateway:
        path = f"{_path(gateway, arguments.document)}/landed_cost"
        done = gateway.call("POST", path, body)
    terminal.answer(done)
    _say_done(done, terminal)
    return 0


# ---------------------------------------------------------------------- stocktakes


def count(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write down what is seen."""
    counts = []
    if arguments.file is not None:
        from gateway.errors import GatewayError
        from gateway.registry.tables import read_table

        try:
            table = read_table(_read(arguments.file), arguments.file.name)
        except GatewayError as refused:
            raise argparse.ArgumentTypeError(refused.detail) from refused
        counts = [_counted(row.values, row.number) for row in table.rows]
    elif arguments.location is None:
        raise argparse.ArgumentTypeError("say by --location where it is seen")
    else:
        one: dict[str, Any] = {"location": arguments.location}
        one |= {key: value for key in ("item", "lot", "quantity")
                if (value := getattr(arguments, key)) is not None}  # fmt: skip
        if arguments.serials:
            one["serials"] = "\n".join(arguments.serials)
        counts = [one]
    with call_gateway(arguments) as gateway:
        path = f"{_path(gateway, arguments.document)}/count"
        done = gateway.call("POST", path, {"counts": counts})
    terminal.answer(done)
    results = done.get("results", [])
    terminal.table(
        ["seen", "location", "result", "item"],
        [[one.get("serial") or one.get("quantity"), one["location"], one["result"], one["item"]]
         for one in results],
    )  # fmt: skip
    return 0


def _counted(row: Any, number: int) -> dict[str, Any]:
    one = {key: row[key].strip() for key in ("location", "item", "lot") if row.get(key, "").strip()}
    quantity = row.get("quantity", "").strip()
    if row.get("serial", "").strip():
        one |= {"serials": row["serial"].strip(), "scanned": True}
    elif quantity.isascii() and quantity.isdecimal():
        one["quantity"] = int(quantity)
    else:
        raise argparse.ArgumentTypeError(f"row {number} needs a serial or a whole quantity")
    return one


def list_differences(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Show what a count found different."""
    with call_gateway(arguments) as gateway:
        found = list(gateway.items(f"{_path(gateway, arguments.document)}/differences"))
    terminal.answer(found)
    if not found:
        terminal.say("Everything is as it should be.")
        return 0
    terminal.table(
        ["difference", "kind", "location", "expected", "counted", "decision"],
        [[one["difference"], one["kind"], one["location"], one["expected"], one["counted"],
          one["decision"]] for one in found],
    )  # fmt: skip
    return 0


KINDS = ("missing", "moved", "unexpected", "unknown", "quantity")


def decide(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Decide about differences."""
    decisions = []
    for text in arguments.decisions:
        subject, equals, decision = text.rpartition("=")
        if not equals:
            raise argparse.ArgumentTypeError(f"{text!r} is no DIFFERENCE=DECISION")
        key = "kind" if subject in KINDS else "difference"
        decisions.append({key: subject, "decision": decision})
    with call_gateway(arguments) as gateway:
        path = f"{_path(gateway, arguments.document)}/decide"
        done = gateway.call("POST", path, {"decisions": decisions})
    terminal.answer(done)
    terminal.say(f"{len(decisions)} decisions are noted.")
    return 0
