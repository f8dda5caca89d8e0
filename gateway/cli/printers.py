"""``label-gateway printers``: add, see, pause and try printers."""

from __future__ import annotations

import argparse
from typing import Any
from urllib.parse import quote

from gateway.cli.calling import add_calling, add_settings, call_gateway
from gateway.cli.print_labels import wait_for
from gateway.cli.terminal import Terminal, as_plain
from gateway.cli.words import parse_density, parse_millimetres, parse_seconds

TEST_WAIT = 30.0
"""Seconds; a printer that has not shown a label by then needs a look at it."""


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "printers",
        help="add, see, pause and try printers",
        description="Printers: where they are, what they are, and how they are.",
        epilog="examples:\n"
        "  label-gateway printers add line-1 tcp://10.0.0.7:9100 --width 100 --height 50\n"
        "  label-gateway printers test line-1\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)

    _action(actions, "list", list_printers, "list the printers and how they are")
    show = _action(actions, "show", show_printer, "show one printer, in words")
    show.add_argument("name")

    added = _action(actions, "add", add_printer, "add a printer, or change one")
    added.add_argument("name", help="1 to 40 letters, digits, '-', '_' or '.'")
    added.add_argument("address", metavar="URL", help="such as tcp://10.0.0.7:9100")
    added.add_argument("--language", default="zpl", help="what it understands (zpl)")
    added.add_argument(
        "--density",
        type=parse_density,
        default=8,
        metavar="DOTS",
        help="dots per mm, or 300dpi (8)",
    )
    added.add_argument(
        "--width", type=parse_millimetres, required=True, metavar="MM", help="of a label"
    )
    added.add_argument(
        "--height", type=parse_millimetres, required=True, metavar="MM", help="of a label"
    )
    added.add_argument("--model", help="a row of models.toml")
    added.add_argument("--mode", choices=("exact", "native"), help="dots, or printer commands")
    added.add_argument(
        "--no-evidence", action="store_true", help="ask it nothing; its labels end at 'sent'"
    )

    for name, words in (
        ("remove", "remove a printer that has nothing left to print"),
        ("pause", "finish the labels on their way, then wait"),
        ("resume", "go on after a pause"),
    ):
        action = _action(actions, name, act_on_printers, words)
        action.add_argument("names", nargs="+", metavar="name")
        action.set_defaults(action=name)

    test = _action(actions, "test", test_printer, "print a test label and say whether it came out")
    test.add_argument("name")
    test.add_argument(
        "--timeout", type=parse_seconds, default=TEST_WAIT, metavar="TIME", help="at most (30s)"
    )


def _action(actions: Any, name: str, command: Any, words: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(
        name, help=words, description=words[0].upper() + words[1:] + ".", allow_abbrev=False
    )
    add_calling(parser)
    add_settings(parser)
    parser.set_defaults(command=command)
    return parser


def list_printers(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List printers."""
    with call_gateway(arguments) as gateway:
        printers = gateway.printers()
    terminal.answer([as_plain(printer) for printer in printers])
    if not printers:
        terminal.say(
            "There is no printer yet; add one with: label-gateway printers add NAME URL "
            "--width MM --height MM"
        )
        return 0
    terminal.table(
        ["printer", "condition", "status", "address", "language", "label"],
        [
            [
                printer.name,
                "paused" if printer.paused else printer.status.get("condition", ""),
                printer.status.get("sentence", ""),
                printer.url,
                printer.language,
                _size(printer.media),
            ]
            for printer in printers
        ],
    )
    return 0


def _size(media: Any) -> str:
    from gateway.units import say_length

    return f"{say_length(media.get('width', 0))} x {say_length(media.get('height', 0))}"


def show_printer(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Show one printer; exit 1 when it cannot print."""
    with call_gateway(arguments) as gateway:
        printer = gateway.printer(arguments.name)
    status = printer.status
    terminal.answer(as_plain(printer))
    terminal.say(f"{printer.name}: {status.get('sentence', '')}")
    for problem in status.get("problems", ()):
        terminal.say(f"  {problem.get('sentence', '')} {problem.get('cure', '')}".rstrip())
    terminal.say()
    rows: list[tuple[str, object]] = [
        ("address", printer.url),
        ("language", printer.language),
        ("model", printer.model),
        ("density", printer.density),
        ("label", _size(printer.media)),
        ("mode", printer.mode),
        ("labels are followed by", status.get("proof")),
        ("labels on the way", status.get("on_the_way")),
        ("counter", status.get("counter")),
    ]
    rows += [(f"says its {name} is", value) for name, value in status.get("identity", {}).items()]
    terminal.pairs(rows)
    return 1 if status.get("condition") in ("stopped", "unreachable") else 0


def add_printer(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Add or change a printer."""
    settings: dict[str, Any] = {
        "url": arguments.address,
        "language": arguments.language,
        "density": arguments.density,
        "media": {"width": arguments.width, "height": arguments.height},
    }
    if arguments.model:
        settings["model"] = arguments.model
    if arguments.mode:
        settings["mode"] = arguments.mode
    if arguments.no_evidence:
        settings["evidence"] = "none"
    with call_gateway(arguments) as gateway:
        printer = gateway.call("PUT", f"/v1/printers/{quote(arguments.name, safe='')}", settings)
    terminal.answer(printer)
    terminal.say(
        f"{arguments.name} is at {arguments.address}; try it with: "
        f"label-gateway printers test {arguments.name}"
    )
    return 0


_DONE = {
    "remove": "{} is removed.",
    "pause": "{} is paused; labels on their way still come out.",
    "resume": "{} goes on.",
}


def act_on_printers(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Remove, pause or resume printers."""
    answers: list[Any] = []
    with call_gateway(arguments) as gateway:
        for name in arguments.names:
            path = f"/v1/printers/{quote(name, safe='')}"
            if arguments.action == "remove":
                answers.append(gateway.call("DELETE", path))
            else:
                answers.append(gateway.call("POST", f"{path}/{arguments.action}", {}))
            terminal.say(_DONE[arguments.action].format(name))
    terminal.answer([answer for answer in answers if answer is not None])
    return 0


def test_printer(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print one label, and say whether it is on paper."""
    with call_gateway(arguments) as gateway:
        printer = gateway.printer(arguments.name)
        job = gateway.print(
            printer.name,
            "serial-label",
            {"serial": "TEST", "name": "label-gateway"},
            title="test label",
            # Tomorrow nobody remembers why a test label comes out.
            expires_in=max(60.0, arguments.timeout),
        )
        return wait_for(gateway, [job], terminal, arguments.timeout)
