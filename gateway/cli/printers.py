"""``label-gateway printers``: find, ask, add, see, pause and try printers."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from gateway.cli.calling import add_action, call_gateway
from gateway.cli.printer_setup import VIRTUAL, add_actions, say_shift
from gateway.cli.terminal import Terminal, as_plain
from gateway.cli.words import parse_density, parse_millimetres, parse_seconds
from gateway.errors import SettingsRefused

if TYPE_CHECKING:
    from gateway.client import Gateway, Proposal

FIND_WITHIN = 4.0
"""Seconds; printers answer within one, sleeping ones within three."""


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "printers",
        help="find, add, see, pause and try printers",
        description="Printers: where they are, what they are, and how they are.",
        epilog="examples:\n"
        "  label-gateway printers find\n"
        "  label-gateway printers add line-1 tcp://10.0.0.7:9100\n"
        "  label-gateway printers add line-2 tcp://10.0.0.8 --width 100 --height 50\n"
        "  label-gateway printers add demo virtual --language escpos --density 180dpi\n"
        "  label-gateway printers test line-1\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)

    add_action(actions, "list", list_printers, "list the printers and how they are")
    known = add_action(actions, "models", list_models, "list the printer models that are known")
    known.add_argument("--language", help="only those that understand it, such as tspl")
    show = add_action(actions, "show", show_printer, "show one printer, in words")
    show.add_argument("name")

    found = add_action(actions, "find", find_printers, "look for printers; nothing is added")
    found.add_argument("--address", metavar="HOST", help="a host or address to look at as well")
    found.add_argument(
        "--timeout", type=parse_seconds, default=FIND_WITHIN, metavar="TIME", help="at most (4s)"
    )

    asked = add_action(
        actions, "identify", identify_printer, "ask a device who it is; nothing is printed or added"
    )
    asked.add_argument("address", metavar="URL", help="such as tcp://10.0.0.7:9100")
    asked.add_argument("--language", help="what it understands, if you know: only that is asked")

    added = add_action(actions, "add", add_printer, "add a printer, or change one")
    added.add_argument("name", help="1 to 40 letters, digits, '-', '_' or '.'")
    added.add_argument(
        "address",
        metavar="URL",
        help="such as tcp://10.0.0.7:9100; virtual: the gateway runs a printer that is a program",
    )
    added.add_argument("--language", help="what it understands (the printer is asked)")
    added.add_argument(
        "--density",
        type=parse_density,
        metavar="DOTS",
        help="dots per mm, or 300dpi (the printer is asked)",
    )
    added.add_argument(
        "--width", type=parse_millimetres, metavar="MM", help="of a label (the printer is asked)"
    )
    added.add_argument(
        "--height", type=parse_millimetres, metavar="MM", help="of a label (the printer is asked)"
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
        ("take", "drive a printer from this gateway, where several share a database"),
    ):
        action = add_action(actions, name, act_on_printers, words)
        action.add_argument("names", nargs="+", metavar="name")
        action.set_defaults(action=name)

    add_actions(actions)


def list_printers(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List printers."""
    with call_gateway(arguments) as gateway:
        printers = gateway.printers()
    terminal.answer([as_plain(printer) for printer in printers])
    if not printers:
        terminal.say("There is no printer yet; look for one with: label-gateway printers find")
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


def list_models(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List the models that ``printers add --model`` takes."""
    from gateway.units import say_length

    query = {"language": arguments.language, "limit": "500"}
    with call_gateway(arguments) as gateway:
        models = list(gateway.items("/v1/models", query))
    terminal.answer(models)
    terminal.table(
        ["model", "what it is", "language", "density", "prints up to"],
        [
            [
                model["name"],
                model["title"],
                model["language"],
                model["density"],
                say_length(model["print_width"]) if model["print_width"] else "",
            ]
            for model in models
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
        words = f"{problem.get('sentence', '')} {problem.get('cure', '')}".strip()
        if words != status.get("sentence"):  # of one problem it says all
            terminal.say(f"  {words}")
    terminal.say()
    rows: list[tuple[str, object]] = [
        ("address", printer.url),
        ("language", printer.language),
        ("model", printer.model),
        ("density", printer.density),
        ("label", _size(printer.media)),
        ("stock", printer.media.get("stock")),
        *_setup(printer.setup),
        ("mode", printer.mode),
        ("labels are followed by", status.get("proof")),
        ("labels on the way", status.get("on_the_way")),
        ("counter", status.get("counter")),
        ("driven from", printer.gateway),
    ]
    rows += [(f"says its {name} is", value) for name, value in status.get("identity", {}).items()]
    terminal.pairs(rows)
    return 1 if status.get("condition") in ("stopped", "unreachable") else 0


def _setup(setup: Any) -> list[tuple[str, object]]:
    """Return what somebody has set, in words; what is as the printer itself is has no row."""
    from gateway.units import say_length

    darkness, speed = setup.get("darkness"), setup.get("speed")
    offset = setup.get("offset") or {}
    moved = any(offset.values())
    return [
        ("finds labels by", setup.get("tracking")),
        ("gap or mark", say_length(setup["gap"]) if setup.get("tracking") else None),
        ("darkness", None if darkness is None else f"{darkness} %"),
        ("speed", None if speed is None else f"{say_length(speed)}/s"),
        ("finish", setup.get("finish")),
        ("ink is moved", say_shift(offset["x"], offset["y"]) if moved else None),
    ]


def find_printers(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Look for printers; exit 1 when none was found."""
    with call_gateway(arguments) as gateway:
        search = gateway.find_printers(arguments.address, timeout=arguments.timeout)
    terminal.answer(as_plain(search))
    for trouble in search.troubles:
        terminal.remark(trouble)
    if not search.found:
        terminal.say(
            "No printer was found. Switch it on and plug it in, or name its address with --address."
        )
        return 1
    terminal.table(
        ["found by", "what", "language", "model", "printer", "address"],
        [
            [found.via, found.what, found.language, found.model, found.printer, found.url]
            for found in search.found
        ],
    )
    for found in search.found:
        if found.problem:
            terminal.say(f"{found.what}: {found.problem}")
    if any(found.url and not found.printer for found in search.found):
        terminal.say()
        # Quoted, as in every shell some addresses must be.
        terminal.say('Add one with: label-gateway printers add NAME "ADDRESS"')
    return 0


def identify_printer(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Ask a device who it is; exit 1 when nothing tells."""
    with call_gateway(arguments) as gateway:
        proposal = gateway.identify_printer(arguments.address, language=arguments.language)
    terminal.answer(as_plain(proposal))
    terminal.say(proposal.sentence)
    terminal.say()
    terminal.pairs(
        [
            ("language", proposal.language),
            ("density", proposal.density),
            ("model", proposal.model),
            ("label", _size(proposal.media) if proposal.media else None),
            *((f"says its {name} is", words) for name, words in proposal.says.items()),
        ]
    )
    return 1 if proposal.sure == "unknown" else 0


def add_printer(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Add or change a printer; what is not said, the printer is asked."""
    virtual = arguments.address in (VIRTUAL, VIRTUAL.rstrip(":"))
    settings: dict[str, Any] = {"url": VIRTUAL if virtual else arguments.address}
    if arguments.language:
        settings["language"] = arguments.language
    if arguments.density:
        settings["density"] = arguments.density
    sides = {
        side: length
        for side, length in (("width", arguments.width), ("height", arguments.height))
        if length
    }
    if len(sides) == 2:
        settings["media"] = sides
    if arguments.model:
        settings["model"] = arguments.model
    with call_gateway(arguments) as gateway:
        # A printer that is to be asked nothing is asked nothing here either.
        if not virtual:
            if not arguments.no_evidence and not settings.keys() >= _ASKED:
                _take_proposed(gateway, settings, terminal)
            settings = _STANDARD | settings
        if "media" in settings:
            settings["media"] = {**settings["media"], **sides}
        elif not virtual:
            raise SettingsRefused(
                f"How large {arguments.name}'s labels are is not known; say it with --width and "
                "--height, in mm."
            )
        elif sides:
            raise SettingsRefused(
                f"The labels of {arguments.name} have two sides; say both --width and --height."
            )
        if arguments.mode:
            settings["mode"] = arguments.mode
        if arguments.no_evidence:
            settings["evidence"] = "none"
        printer = gateway.call("PUT", f"/v1/printers/{quote(arguments.name, safe='')}", settings)
    terminal.answer(printer)
    if virtual:
        terminal.say(
            f"{arguments.name} is a virtual printer at {printer['url']}: {printer['language']}, "
            f"{_say_density(printer['density'])}, labels of {_size(printer['media'])}."
        )
        terminal.say(f"Its paper is shown at {gateway.url}/printers/{arguments.name}")
        terminal.say(f"Try it with: label-gateway printers test {arguments.name}")
        return 0
    terminal.say(
        f"{arguments.name} is at {arguments.address}; try it with: "
        f"label-gateway printers test {arguments.name}"
    )
    return 0


_ASKED = frozenset({"language", "density", "media"})
"""What a printer is asked for when nobody says it."""

_STANDARD: dict[str, Any] = {"language": "zpl", "density": 8}
"""What most label printers are."""


def _say_density(density: int | str) -> str:
    return density if isinstance(density, str) else f"{density} dots per mm"


def _take_proposed(gateway: Gateway, settings: dict[str, Any], terminal: Terminal) -> None:
    """Fill in what was not said with what the printer says of itself, and tell which."""
    from gateway.client import Problem

    proposal: Proposal | None = None
    try:
        proposal = gateway.identify_printer(settings["url"], language=settings.get("language"))
        words = proposal.sentence
    except Problem as refusal:
        if refusal.status not in (429, 503):
            raise
        words = refusal.detail
    terminal.remark(words)
    taken = {} if proposal is None else {
        name: value for name, value in proposal.settings.items() if name not in settings
    }  # fmt: skip
    if proposal is not None and any(
        settings[name] != proposal.settings.get(name)
        for name in ("language", "density")
        if name in settings
    ):
        taken.pop("model", None)  # it is a model of something else than what was said
    settings.update(taken)
    rest = {name: value for name, value in _STANDARD.items() if name not in settings}
    for whose, values in (("As it says", taken), ("As most printers", rest)):
        if values:
            terminal.remark(f"{whose}: {', '.join(map(_say_setting, values.items()))}.")


def _say_setting(setting: tuple[str, Any]) -> str:
    name, value = setting
    return f"{name} {_size(value) if name == 'media' else value}"


_DONE = {
    "remove": "{} is removed.",
    "pause": "{} is paused; labels on their way still come out.",
    "resume": "{} goes on.",
    "take": "{} is driven by this gateway.",
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
