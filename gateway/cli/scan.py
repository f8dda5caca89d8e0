"""``label-gateway scan``: scan without a scanner, and see what a code would mean and why."""

from __future__ import annotations

import argparse
import itertools
import uuid
from typing import Any

from gateway.cli.calling import add_action, call_gateway
from gateway.cli.terminal import Terminal, local_time
from gateway.cli.words import parse_code


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "scan",
        help="scan at a station, see what a code means and what was scanned",
        description="A scan without a scanner, at a station or at none, and what a code would mean "
        "and why. A code is written as the scanner sends it; GS may be written as {GS}, as may RS "
        "and EOT.",
        epilog="examples:\n"
        "  label-gateway scan resolve '(01)09501101530003(21)SN-7'\n"
        "  label-gateway scan resolve --aim ']C1' '010950110153000310AB-1{GS}21SN-7'\n"
        "  label-gateway scan send --station dock A1234\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)

    resolved = add_action(
        actions, "resolve", resolve_code, "explain step by step what a code would mean",
        "Explain step by step what a code would mean. Nothing is done, and nothing written down.",
    )  # fmt: skip
    _add_code(resolved)
    resolved.add_argument("--station", metavar="NAME", help="as this station would take it")
    resolved.add_argument(
        "--identifiers", action="store_true", help="as bare data identifiers (MH10.8.2): S123"
    )

    sent = add_action(
        actions, "send", send_scan, "scan a code, as if a scanner had read it",
        "Scan a code, as if a scanner had read it. With a station it does what the station's mode "
        "says; without one it is looked up.",
    )  # fmt: skip
    _add_code(sent)
    sent.add_argument("--station", metavar="NAME", help="at this station")

    listed = add_action(actions, "list", list_scans, "list scans, newest first")
    listed.add_argument("--station", metavar="NAME", help="at this station")
    listed.add_argument("--limit", type=int, default=20, metavar="N", help="at most (20)")


def _add_code(action: argparse.ArgumentParser) -> None:
    action.add_argument("code", help="what the barcode says")
    action.add_argument("--aim", metavar="ID", help="its symbology identifier, such as ]C1")


def _body(arguments: argparse.Namespace) -> dict[str, Any]:
    body = {"code": parse_code(arguments.code), "aim": arguments.aim, "station": arguments.station}
    return {key: value for key, value in body.items() if value is not None}


def resolve_code(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Explain a code."""
    body = _body(arguments)
    if arguments.identifiers:
        body["identifiers"] = True
    with call_gateway(arguments) as gateway:
        explained = gateway.call("POST", "/v1/scans/resolve", body)
    terminal.answer(explained)
    reading = explained["reading"]
    terminal.pairs([*_said(reading), ("outcome", explained["outcome"])])
    terminal.say()
    for number, step in enumerate(explained["steps"], 1):
        terminal.say(f"{number}. {step['says']}")
        for one in step["found"]:
            terminal.say(f"   - {_found(one)}")
    if explained["sentence"] not in {step["says"] for step in explained["steps"]}:
        terminal.say(explained["sentence"])
    if explained["similar"]:
        terminal.say(f"Did you mean: {', '.join(explained['similar'])}?")
    return 0


_TITLES = {
    "text": "code", "aim": "symbology", "form": "form", "gtin": "GTIN", "serial": "serial",
    "lot": "lot", "sscc": "SSCC", "license_plate": "license plate", "gln": "GLN",
    "order": "order", "part_number": "part number", "supplier_part": "supplier's part",
    "content": "GTIN inside", "quantity": "quantity", "unit": "unit", "expiry": "expiry",
}  # fmt: skip


def _said(reading: dict[str, Any]) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = [(title, reading.get(name)) for name, title in _TITLES.items()]
    rows += [(f"({one['id']}) {one['title']}", one["value"]) for one in reading.get("other", ())]
    rows += [("warning", warning) for warning in reading.get("warnings", ())]
    return rows


def _found(one: dict[str, Any]) -> str:
    parts = [f"{one['kind']} {one['name']}"]
    if one.get("item") and one["kind"] != "item":
        parts.append(f"of {one['item']}")
    if one.get("state"):
        parts.append(one["state"])
    if one.get("location"):
        parts.append(f"at {one['location']}")
    return f"{', '.join(parts)} (by {one['by']})"


def send_scan(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Scan a code."""
    # A name of its own, so that an answer which is lost on the way is not a second scan.
    body = _body(arguments) | {"source": f"cli-{uuid.uuid4()}", "sequence": 0}
    with call_gateway(arguments) as gateway:
        answer = gateway.call("POST", "/v1/scans", body)
    terminal.answer(answer)
    terminal.say(f"{answer['outcome']}: {answer['sentence']}")
    if answer["cure"]:
        terminal.say(answer["cure"])
    for card in answer["cards"]:
        terminal.say()
        terminal.say(f"{card['kind']} {card['title']}")
        if card["subtitle"]:
            terminal.say(f"  {card['subtitle']}")
        for name, value in card["rows"]:
            terminal.say(f"  {name}: {value}")
        if card["choose"]:
            terminal.say(f"  choose it with: {card['choose']}")
    view = answer.get("view")
    if view:
        terminal.say()
        terminal.say(f"{view['mode']['title']}: {view['mode']['asks']}")
    return 1 if answer["outcome"] == "refused" else 0


def list_scans(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List scans."""
    limit = max(1, arguments.limit)
    query = {"station": arguments.station, "limit": str(min(500, limit + 1))}
    with call_gateway(arguments) as gateway:
        found = list(itertools.islice(gateway.items("/v1/scans", query), limit + 1))
    scans = found[:limit]
    terminal.answer(scans)
    if not scans:
        terminal.say("Nothing was scanned yet.")
        return 0
    terminal.table(
        ["id", "when", "station", "code", "outcome", "refusal", "by"],
        [
            [
                scan["id"],
                local_time(scan["at"]),
                scan["station"],
                scan["code"],
                scan["outcome"],
                scan["refusal"],
                scan["operator"] or scan["scanner"] or scan["actor"],
            ]
            for scan in scans
        ],
    )
    if len(found) > limit:
        terminal.say(f"The first {limit}; see more with --limit.")
    return 0
