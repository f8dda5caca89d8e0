"""``label-gateway registry``: the record of all serials: proved, counted anew, exchanged."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from gateway.cli.calling import add_action, call_gateway
from gateway.cli.reports import save
from gateway.cli.terminal import Terminal, local_time

PROVING = 3600.0
"""Seconds a proof may take: ten million serials need some minutes."""


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "registry",
        help="prove the record of serials, exchange it with other systems",
        description="Everything that happens to serials is an event, chained to the one before by "
        "its hash. What there is follows from the events, and can be proved.",
        epilog="examples:\n"
        "  label-gateway registry chain\n"
        "  label-gateway registry verify\n"
        "  label-gateway registry export --from 2026-11-01 --output november.jsonld\n"
        "  label-gateway registry import delivery.jsonld --location A-01 --dry-run\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add_action(
        actions, "chain", show_chain, "show the last event's number and hash",
        "Show the last event's number and hash. Kept on paper or in another system, they prove "
        "later that nothing before was written anew.",
    )  # fmt: skip
    verify = add_action(
        actions, "verify", verify_record, "prove that the record is whole",
        "Derive every state, place and counter from the events again, and every hash. Exit 1 when "
        "something disagrees. People can work meanwhile.",
    )  # fmt: skip
    verify.add_argument("--seq", type=int, metavar="N", help="an event whose hash was kept")
    verify.add_argument("--hash", metavar="HEX", help="that hash")
    rebuild = add_action(
        actions, "rebuild", rebuild_counters, "count stock and lines anew from the events"
    )
    rebuild.add_argument("--yes", action="store_true", help="do it, and do not only say what")
    export = add_action(actions, "export", export_events, "write what happened as EPCIS 2.0")
    export.add_argument("--from", dest="since", metavar="DAY", help="from this day or moment on")
    export.add_argument("--to", dest="until", metavar="DAY", help="up to and with this day")
    export.add_argument("--item", metavar="SKU", help="only events that moved this item")
    export.add_argument("--output", type=Path, metavar="FILE", help="(default: standard output)")
    read = add_action(actions, "import", import_events, "take events from an EPCIS 2.0 file")
    read.add_argument("file", type=Path)
    read.add_argument("--location", metavar="CODE", help="where things go whose place is unknown")
    read.add_argument("--dry-run", action="store_true", help="say what would be done, do nothing")
    read.add_argument(
        "--partial", action="store_true", help="do what can be done, leave out the rest"
    )


def show_chain(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Show the head of the chain."""
    with call_gateway(arguments) as gateway:
        head = gateway.call("GET", "/v1/registry/chain")
    terminal.answer(head)
    if not head["seq"]:
        terminal.say("Nothing has happened yet.")
        return 0
    terminal.pairs((("event", head["seq"]), ("hash", head["hash"]), ("at", local_time(head["at"]))))
    return 0


def verify_record(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Prove the record."""
    query = {"seq": None if arguments.seq is None else str(arguments.seq), "hash": arguments.hash}
    with call_gateway(arguments) as gateway:
        verdict = gateway.call("POST", "/v1/registry/verify", query=query, timeout=PROVING)
    terminal.answer(verdict)
    return _say_verdict(verdict, terminal)


def _say_verdict(verdict: dict[str, Any], terminal: Terminal) -> int:
    for trouble in verdict["troubles"]:
        terminal.say(trouble["detail"])
    seen = (
        f"{verdict['events']} events, {verdict['movements']} movements and {verdict['serials']} "
        "serials were looked at"
    )
    if verdict["whole"]:
        terminal.say(f"The record is whole: {seen}.")
        return 0
    terminal.say(f"The record is not whole: {seen}.")
    return 1


def rebuild_counters(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Count anew."""
    from gateway.client import Problem

    path = "/v1/registry/rebuild"
    with call_gateway(arguments) as gateway:
        try:
            done = gateway.call("POST", path, timeout=PROVING)
        except Problem as problem:
            if problem.name != "confirmation-required":
                raise
            if not arguments.yes:
                terminal.answer({"rebuilt": False, "consequences": problem.facts["consequences"]})
                for sentence in problem.facts["consequences"]:
                    terminal.say(sentence)
                terminal.say("To count anew: label-gateway registry rebuild --yes")
                return 1
            query = {"confirm": str(problem.facts["token"])}
            done = gateway.call("POST", path, query=query, timeout=PROVING)
    terminal.answer(done)
    terminal.say(
        "The counters are written anew." if done["rebuilt"]
        else "Every counter is right; nothing was written."
    )  # fmt: skip
    return _say_verdict(done, terminal)


def export_events(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write what happened."""
    query = {"from": arguments.since, "to": arguments.until, "item": arguments.item}
    with call_gateway(arguments) as gateway:
        save(gateway.download("/v1/registry/epcis", query), arguments.output, terminal)
    return 0


def import_events(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Take events from a file."""
    try:
        content = arguments.file.read_bytes()
    except OSError as error:
        terminal.refuse(f"{arguments.file} cannot be read: {error}.")
        return 1
    query = {
        "location": arguments.location,
        "dry_run": "1" if arguments.dry_run else None,
        "partial": "1" if arguments.partial else None,
    }
    with call_gateway(arguments) as gateway:
        done = gateway.call(
            "POST", "/v1/registry/epcis", content, query=query, timeout=PROVING,
            headers={"Content-Type": "application/ld+json"},
        )  # fmt: skip
    terminal.answer(done)
    rows = [one for one in done["items"] if one["status"] in ("refused", "skipped")]
    for one in rows:
        terminal.say(f"event {one['index'] + 1} is {one['status']}: {one['detail']}")
    for problem in done["problems"]:
        terminal.say(f"{problem['pointer']}: {problem['detail']}")
    counts = done["counts"]
    would = "would be" if arguments.dry_run else "were"
    terminal.say(
        f"{counts['applied']} events {would} applied, {counts['known']} were known, "
        f"{counts['skipped']} skipped, {counts['refused']} refused, "
        f"{counts['unreadable']} could not be read."
    )
    return 1 if counts["refused"] or counts["unreadable"] else 0
