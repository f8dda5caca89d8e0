"""``label-gateway preview``: a label as a picture, without a printer."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from gateway.cli.calling import add_calling, add_settings, call_gateway
from gateway.cli.print_labels import read_bytes, write_bytes
from gateway.cli.terminal import Terminal
from gateway.cli.words import parse_density, parse_fields
from gateway.errors import TemplateRefused

FORMATS = ("png", "pdf", "svg")


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "preview",
        help="draw a label into a file",
        description="Draw one label: exactly the dots that a printer would print.",
        epilog="examples:\n"
        "  label-gateway preview serial-label serial=SN-1 -o label.png\n"
        "  label-gateway preview my-template.json serial=SN-1 --density 12 -o label.pdf\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("template", help="name of a template, or a template's .json file")
    parser.add_argument(
        "fields", nargs="*", metavar="name=value", help="fields (default: its examples)"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="FILE",
        help="picture to write; its ending says the format: .png, .pdf or .svg",
    )
    parser.add_argument("--printer", metavar="NAME", help="draw for this printer's head")
    parser.add_argument(
        "--density", type=parse_density, metavar="DOTS", help="draw for dots per mm, or 300dpi"
    )
    add_calling(parser)
    add_settings(parser)
    parser.set_defaults(command=preview)


def preview(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write the picture."""
    form = arguments.output.suffix.lstrip(".").lower()
    if form not in FORMATS:
        raise argparse.ArgumentTypeError(
            f"{str(arguments.output)!r} must end in .png, .pdf or .svg"
        )
    template: Any = arguments.template
    if template.endswith(".json"):
        template = read_template(template)
    with call_gateway(arguments) as gateway:
        picture = gateway.preview(
            template,
            parse_fields(arguments.fields) or None,
            printer=arguments.printer,
            density=arguments.density,
            format=form,
        )
    write_bytes(arguments.output, picture)
    terminal.say(f"{arguments.output} written")
    terminal.answer({"file": str(arguments.output), "bytes": len(picture)})
    return 0


def read_template(name: str) -> dict[str, Any]:
    """Return a template's document from its file.

    Raises:
        TemplateRefused: the file is not a JSON object.
    """
    try:
        document = json.loads(read_bytes(name).decode("utf-8-sig"))
    except ValueError as error:
        raise TemplateRefused(f"{name} is not JSON: {error}.") from error
    if not isinstance(document, dict):
        raise TemplateRefused(f"{name} must hold one JSON object, a template.")
    return document
