"""``label-gateway sheets``: labels on sheets of paper, as a PDF for an office printer."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from gateway.cli.calling import add_calling, add_settings, call_gateway
from gateway.cli.print_labels import read_bytes, rows_of, write_bytes
from gateway.cli.terminal import Terminal
from gateway.cli.words import parse_density
from gateway.errors import InputRefused


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "sheets",
        help="write labels on sheets of paper, as a PDF",
        description="Write labels on sheets such as Avery's, as a PDF for an office printer. "
        "Nothing is kept: only jobs know what is on paper.",
        epilog="examples:\n"
        "  label-gateway sheets --template asset-tag --csv assets.csv --sheet avery-l7160 "
        "-o assets.pdf\n"
        "  label-gateway sheets --template asset-tag asset=IT-0042 --copies 4 --start 18 "
        "--sheet avery-l7160 -o more.pdf\n"
        "  label-gateway sheets --list\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("fields", nargs="*", metavar="name=value", help="fields of one label")
    parser.add_argument("--list", action="store_true", help="show the known sheets")
    parser.add_argument("--template", metavar="NAME", help="template of the labels")
    parser.add_argument("--version", metavar="HASH", help="an older version of the template")
    parser.add_argument("--csv", metavar="FILE", help="a label for each row; - reads the input")
    parser.add_argument("--jsonl", metavar="FILE", help="a label for each JSON object of a line")
    parser.add_argument(
        "--sheet", metavar="NAME", help="a known sheet, or a .json file that describes one"
    )
    parser.add_argument(
        "--start", type=int, default=1, metavar="N", help="first label left on the first sheet"
    )
    parser.add_argument("--copies", type=int, default=1, metavar="N", help="of each label")
    parser.add_argument("--marks", action="store_true", help="draw cut marks in the margins")
    parser.add_argument(
        "--density", type=parse_density, metavar="DOTS", help="dots per mm, or 600dpi"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE.pdf", help="file to write")
    add_calling(parser)
    add_settings(parser)
    parser.set_defaults(command=sheets)


def sheets(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write the PDF, or show the known sheets."""
    if arguments.list:
        return _list(arguments, terminal)
    missing = [name for name in ("template", "sheet", "output") if not getattr(arguments, name)]
    if missing:
        raise argparse.ArgumentTypeError(f"--{missing[0]} is needed, or --list")
    if sum(map(bool, (arguments.fields, arguments.csv, arguments.jsonl))) > 1:
        raise argparse.ArgumentTypeError("give the fields once: name=value, --csv or --jsonl")
    sheet: Any = arguments.sheet
    if sheet.endswith(".json"):
        try:
            sheet = json.loads(read_bytes(sheet).decode("utf-8-sig"))
        except ValueError as error:
            raise InputRefused(f"{arguments.sheet} is not JSON: {error}.") from error
    rows = rows_of(arguments)
    with call_gateway(arguments) as gateway:
        written = gateway.sheets(
            arguments.template,
            rows,
            sheet,
            version=arguments.version,
            start=arguments.start,
            copies=arguments.copies,
            marks=arguments.marks,
            density=arguments.density,
        )
    write_bytes(arguments.output, written)
    count = len(rows) * arguments.copies
    terminal.say(f"{arguments.output} written, {count} label{'' if count == 1 else 's'}")
    terminal.answer({"file": str(arguments.output), "bytes": len(written), "labels": count})
    return 0


def _list(arguments: argparse.Namespace, terminal: Terminal) -> int:
    with call_gateway(arguments) as gateway:
        known = gateway.known_sheets()
    for sheet in known:
        terminal.say(f"{sheet['name']:12}  {sheet['title']}")
    terminal.answer(known)
    return 0
