"""``label-gateway report``: lists that are looked at, or saved as CSV, workbook or JSON."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gateway.cli.calling import add_action, call_gateway
from gateway.cli.terminal import Terminal
from gateway.cli.words import parse_fields

FORMATS = ("csv", "xlsx", "json")


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "report",
        help="lists of serials, stock, sales and warranties",
        description="Reports over the serial registry. Their parameters are given as name=value; "
        "filter.COLUMN=text keeps only the rows whose cell contains the text.",
        epilog="examples:\n"
        "  label-gateway report list --name serial\n"
        "  label-gateway report preview warranty_expiring --param before=2027-12-31\n"
        "  label-gateway report run serials_by_item --param item=DRILL --output drills.xlsx\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listed = add_action(actions, "list", list_reports, "list the reports and what they ask for")
    listed.add_argument("--name", metavar="TEXT", help="only those with this in their name")
    seen = add_action(actions, "preview", preview_report, "show the first rows of a report")
    _add_asking(seen)
    seen.add_argument("--limit", type=int, default=20, metavar="N", help="so many rows (20)")
    run = add_action(actions, "run", run_report, "write a whole report")
    _add_asking(run)
    run.add_argument(
        "--output", type=Path, metavar="FILE", help="(default: standard output, as CSV)"
    )
    run.add_argument("--format", choices=FORMATS, help="(default: what the file's name says)")


def _add_asking(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("report", help="its id, as the list shows it")
    parser.add_argument(
        "--param", action="append", default=[], metavar="NAME=VALUE", help="a parameter or filter"
    )


def list_reports(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List reports."""
    with call_gateway(arguments) as gateway:
        found = list(gateway.items("/v1/reports", {"name": arguments.name}))
    terminal.answer(found)
    if not found:
        terminal.say("No report is called so.")
        return 0
    terminal.table(
        ["report", "name", "tells", "parameters"],
        [
            [
                one["id"], one["title"], one["description"],
                ", ".join(
                    p["name"] + (" (needed)" if p["required"] else "") for p in one["parameters"]
                ),
            ]
            for one in found
        ],
    )  # fmt: skip
    return 0


def preview_report(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Show a report's first rows."""
    query = parse_fields(arguments.param) | {"limit": str(arguments.limit)}
    path = f"/v1/reports/{quote(arguments.report, safe='')}/preview"
    with call_gateway(arguments) as gateway:
        seen = gateway.call("GET", path, query=query, timeout=600.0)
    terminal.answer(seen)
    if not seen["rows"]:
        terminal.say("The report has no rows.")
        return 0
    terminal.table(seen["report"]["columns"], seen["rows"])
    if seen["more"]:
        terminal.say(f"There are more; label-gateway report run {arguments.report} has them all.")
    return 0


def run_report(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write a report into a file, or to standard output.

    Raises:
        ArgumentTypeError: a workbook was asked for on standard output.
    """
    output: Path | None = arguments.output
    suffix = "" if output is None else output.suffix.lower().lstrip(".")
    wanted = arguments.format or ("json" if arguments.json else suffix or "csv")
    if wanted not in FORMATS:
        raise argparse.ArgumentTypeError(
            f"{output} is no file of a kind that is known; name one that ends in .csv, .xlsx or "
            ".json, or say --format"
        )
    if output is None and wanted == "xlsx":
        raise argparse.ArgumentTypeError("a workbook needs a file; say --output FILE.xlsx")
    query = parse_fields(arguments.param) | {"format": wanted}
    path = f"/v1/reports/{quote(arguments.report, safe='')}"
    with call_gateway(arguments) as gateway:
        save(gateway.download(path, query), output, terminal)
    return 0


def save(pieces: Any, output: Path | None, terminal: Terminal) -> None:
    """Write pieces of a file as they come; a file gets its name when it is whole."""
    if output is None:
        binary = getattr(terminal.out, "buffer", None)
        for piece in pieces:
            if binary is None:
                terminal.out.write(piece.decode("utf-8-sig"))
            else:
                binary.write(piece)
        return
    partial = output.with_name(f"{output.name}.part")
    size = 0
    try:
        with partial.open("wb") as file:
            for piece in pieces:
                size += file.write(piece)
        partial.replace(output)
    finally:
        partial.unlink(missing_ok=True)
    terminal.answer({"file": str(output), "bytes": size})
    terminal.say(f"{output} is written ({size} bytes).")
