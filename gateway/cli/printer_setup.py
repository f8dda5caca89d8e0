"""``label-gateway printers set``, ``test``, ``align``, ``replace``: until it prints right."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gateway.cli.calling import add_action, call_gateway
from gateway.cli.print_labels import wait_for
from gateway.cli.terminal import Terminal
from gateway.cli.words import parse_density, parse_millimetres, parse_seconds

if TYPE_CHECKING:
    from gateway.client import Gateway, Printer

TEST_WAIT = 30.0
"""Seconds; a printer that has not shown a label by then needs a look at it."""

VIRTUAL = "virtual:"
"""The address that asks the gateway for a printer of its own; the colon may be left out."""

AS_IT_IS = "as-it-is"
"""What gives a setting back to the printer."""


def add_actions(actions: Any) -> None:
    """Add the actions to ``label-gateway printers``."""
    chosen = add_action(
        actions, "set", set_printer, "say what stock is loaded and how to print on it"
    )
    chosen.add_argument("name")
    for option, more, words in (
        ("stock", {"metavar": "NAME"}, "what people call it; jobs can ask for it"),
        ("width", {"type": parse_millimetres, "metavar": "MM"}, "of a label"),
        ("height", {"type": parse_millimetres, "metavar": "MM"}, "of a label"),
        ("tracking", {"choices": ("gap", "mark", "continuous", AS_IT_IS)}, "how it finds labels"),
        ("gap", {"type": parse_millimetres, "metavar": "MM"}, "of the gap or mark"),
        ("darkness", {"type": _percent, "metavar": "PERCENT"}, "of what it can"),
        ("speed", {"type": _speed, "metavar": "MM/S"}, "such as 100"),
        (
            "finish",
            {"choices": ("tear_off", "peel", "cut", "rewind", AS_IT_IS)},
            "what becomes of a label that is out",
        ),
    ):
        chosen.add_argument(f"--{option}", default=argparse.SUPPRESS, help=words, **more)

    tested = add_action(
        actions, "test", test_printer, "print the test label and say whether it came out"
    )
    tested.add_argument("name")
    tested.add_argument(
        "--timeout", type=parse_seconds, default=TEST_WAIT, metavar="TIME", help="at most (30s)"
    )

    aligned = add_action(
        actions, "align", align_printer, "move all ink by where the test label's cross came out"
    )
    aligned.add_argument("name")
    for edge in ("left", "top"):
        aligned.add_argument(
            edge, type=parse_millimetres, metavar=edge.upper(), help=f"mm from the {edge} edge"
        )

    replaced = add_action(
        actions, "replace", replace_printer, "put another device in a printer's place"
    )
    replaced.add_argument("name")
    replaced.add_argument("address", metavar="URL", help="of the new device")
    replaced.add_argument("--language", help="what the new device understands")
    replaced.add_argument("--density", type=parse_density, metavar="DOTS", help="per mm, or 300dpi")
    replaced.add_argument("--model", help="a row of models.toml")
    replaced.add_argument("--same-device", action="store_true", help="only its address has changed")


def _percent(text: str) -> int | None:
    if text == AS_IT_IS:
        return None
    if text.isascii() and text.isdecimal() and int(text) <= 100:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no percentage; write 0 to 100, or {AS_IT_IS}")


def _speed(text: str) -> int | None:
    return None if text == AS_IT_IS else parse_millimetres(text)


def _path(name: str, verb: str = "") -> str:
    return f"/v1/printers/{quote(name, safe='')}" + (f"/{verb}" if verb else "")


def set_printer(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Change what stock a printer has and how it is set."""
    given = vars(arguments)  # without what was not said
    setup: dict[str, Any] = {
        name: None if given[name] == AS_IT_IS else given[name]
        for name in ("tracking", "gap", "darkness", "speed", "finish")
        if name in given
    }
    with call_gateway(arguments) as gateway:
        media = dict(gateway.printer(arguments.name).media)
        media |= {name: given[name] for name in ("stock", "width", "height") if name in given}
        printer = gateway.call("PUT", _path(arguments.name), {"media": media, "setup": setup})
    terminal.answer(printer)
    terminal.say(f"{arguments.name} is set; see how it prints: label-gateway printers test "
                 f"{arguments.name}")  # fmt: skip
    return 0


def test_printer(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print the test label, and say whether it is on paper."""
    from gateway.units import say_length

    with call_gateway(arguments) as gateway:
        answer = gateway.call("POST", _path(arguments.name, "test"))
        cross, job = answer["cross"], gateway.job(answer["id"])
        code = wait_for(gateway, [job], terminal, arguments.timeout)
        if code == 0:
            terminal.say(
                f"Its cross belongs {say_length(cross['left'])} from the left edge and "
                f"{say_length(cross['top'])} from the top. Is it elsewhere? Measure both "
                f"in mm, and say: label-gateway printers align {arguments.name} LEFT TOP"
            )
        return code


def align_printer(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Store what a person measured on the test label."""
    where = {"left": arguments.left, "top": arguments.top}
    with call_gateway(arguments) as gateway:
        printer = gateway.call("POST", _path(arguments.name, "align"), where)
    terminal.answer(printer)
    offset = printer["setup"]["offset"]
    moved = say_shift(offset["x"], offset["y"])
    terminal.say(
        f"{arguments.name} prints {moved} from now on; check it with: "
        f"label-gateway printers test {arguments.name}"
    )
    return 0


def say_shift(x: int, y: int) -> str:
    """Return how far ink is moved, in words; ``x`` and ``y`` in µm.

    >>> say_shift(1000, -500), say_shift(-250, 0), say_shift(0, 0)
    ('1 mm to the right and 0.5 mm higher', '0.25 mm to the left', 'unmoved')
    """
    from gateway.units import say_length

    moves = []
    if x:
        moves.append(f"{say_length(abs(x))} to the {'left' if x < 0 else 'right'}")
    if y:
        moves.append(f"{say_length(abs(y))} {'higher' if y < 0 else 'lower'}")
    return " and ".join(moves) or "unmoved"


def replace_printer(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Put another device under a printer's name."""
    virtual = arguments.address in (VIRTUAL, VIRTUAL.rstrip(":"))
    url = VIRTUAL if virtual else arguments.address
    body: dict[str, Any] = {"url": url, "same_device": arguments.same_device}
    for name in ("language", "density", "model"):
        if (value := getattr(arguments, name)) is not None:
            body[name] = value
    with call_gateway(arguments) as gateway:
        was = gateway.printer(arguments.name)
        # Its density above all: another one prints every label too large or too small.
        if not (virtual or arguments.same_device or was.evidence == "none"):
            body |= _ask_device(gateway, was, body, terminal)
        printer = gateway.call("POST", _path(arguments.name, "replace"), body)
    terminal.answer(printer)
    terminal.say(f"{arguments.name} is at {printer['url']} now; what waits prints there.")
    if doubted := printer["uncertain"]:
        terminal.say(
            f"{doubted} label{'' if doubted == 1 else 's'} had left for the old device, and only "
            "a person can see whether they came out: label-gateway jobs answer "
            f"{arguments.name}"
        )
    return 0


def _ask_device(
    gateway: Gateway, was: Printer, body: dict[str, Any], terminal: Terminal
) -> dict[str, Any]:
    """Return what a new device says of itself that nobody said and the old one was not."""
    from gateway.client import Problem

    try:
        proposal = gateway.identify_printer(body["url"], language=body.get("language"))
    except Problem as refusal:
        if refusal.status not in (429, 503):
            raise
        terminal.remark(refusal.detail)
        return {}
    if any(
        body[key] != proposal.settings.get(key) for key in ("language", "density") if key in body
    ):
        return {}  # somebody knows better
    old = {"language": was.language, "density": was.density, "model": was.model}
    new = {
        key: proposal.settings[key]
        for key in old.keys() - body.keys()
        if key in proposal.settings and proposal.settings[key] != old[key]
    }
    if new.keys() - {"model"}:
        terminal.remark(proposal.sentence)
        terminal.remark(
            f"Unlike the old device: {', '.join(f'{k} {new[k]}' for k in sorted(new))}."
        )
    return new
