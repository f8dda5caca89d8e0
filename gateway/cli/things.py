"""What the commands of items, locations and parties share: list, show, set, remove, tables."""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gateway.cli.calling import add_action, call_gateway
from gateway.cli.print_labels import read_bytes
from gateway.cli.reports import save
from gateway.cli.terminal import Terminal

TAKING = 600.0
"""Seconds that a table may take: some ten thousand rows need a minute on a small computer."""

MOST_SHOWN = 20
"""Refused rows that are told one by one."""


@dataclass(frozen=True, slots=True)
class Noun:
    """A kind of thing on the command line."""

    one: str
    many: str
    """As the routes call them."""
    called: str
    """The key with what one is called by."""
    says: str
    numbers: Sequence[str] = ()
    flags: Sequence[str] = ()
    lists: Sequence[str] = ()
    pairs: Sequence[str] = ()
    """Keys whose value is ``box=12,pallet=480``."""
    columns: Sequence[str] = ()
    filters: Mapping[str, str] | None = None
    examples: str = ""

    def path(self, name: str) -> str:
        """Return where one is."""
        return f"/v1/{self.many}/{quote(name, safe='')}"


def add_noun(commands: Any, noun: Noun) -> Any:
    """Add a noun's command with the actions that all nouns have; return its actions."""
    parser = commands.add_parser(
        noun.one,
        help=noun.says,
        description=noun.says[0].upper() + noun.says[1:] + ".",
        epilog=noun.examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listed = add_action(actions, "list", list_things, f"list {noun.many}")
    listed.add_argument("begins", nargs="?", metavar="TEXT", help="what they begin with")
    for name, words in (noun.filters or {}).items():
        listed.add_argument(f"--{name}", metavar=name.upper(), help=words)
    listed.add_argument("--inactive", action="store_true", help="only those that are not active")
    listed.add_argument("--limit", type=int, default=100, metavar="N", help="at most so many (100)")
    shown = add_action(actions, "show", show_thing, f"show one {noun.one}")
    shown.add_argument("name", metavar=noun.called)
    chosen = add_action(
        actions, "set", set_thing, f"make a {noun.one}, or change what is given",
        f"Make a {noun.one}, or change what is given of it; the rest stays as it was. "
        "key= takes a value away.",
    )  # fmt: skip
    chosen.add_argument("name", metavar=noun.called)
    chosen.add_argument("values", nargs="*", metavar="key=value", help="fields.x=… for your own")
    chosen.add_argument("--dry-run", action="store_true", help="say what would happen")
    removed = add_action(actions, "remove", remove_things, f"remove {noun.many} nothing uses")
    removed.add_argument("names", nargs="+", metavar=noun.called)
    taken = add_action(
        actions, "import", import_table, f"take a table of {noun.many} (CSV or XLSX)"
    )
    add_table(taken)
    given = add_action(actions, "export", export_table, f"write all {noun.many} as a table")
    given.add_argument("file", metavar="FILE", help=".csv, .xlsx or .json; - for CSV on the output")
    for action in (listed, shown, chosen, removed, taken, given):
        action.set_defaults(noun=noun, what=noun.many)
    return actions


def add_table(parser: argparse.ArgumentParser) -> None:
    """Add what an action has that takes a table."""
    parser.add_argument("file", metavar="FILE", help="the table; - for the input")
    parser.add_argument("--dry-run", action="store_true", help="say what would happen")
    parser.add_argument(
        "--partial", action="store_true", help="leave out rows that are refused, take the rest"
    )


# ---------------------------------------------------------------- actions


def list_things(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List things of a kind."""
    noun: Noun = arguments.noun
    query = {"q": arguments.begins, "active": "false" if arguments.inactive else None}
    query |= {name: getattr(arguments, name.replace("-", "_")) for name in noun.filters or {}}
    with call_gateway(arguments) as gateway:
        found = list(itertools.islice(gateway.items(f"/v1/{noun.many}", query), arguments.limit))
    terminal.answer(found)
    if not found:
        terminal.say(f"There is no {noun.one} like that.")
        return 0
    terminal.table(noun.columns, [[_cell(one.get(name)) for name in noun.columns] for one in found])
    return 0


def _cell(value: object) -> object:
    return ("yes" if value else "no") if isinstance(value, bool) else value


def show_thing(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Show one thing."""
    with call_gateway(arguments) as gateway:
        found = gateway.call("GET", arguments.noun.path(arguments.name))
    terminal.answer(found)
    terminal.pairs(
        (key, _words(value))
        for key, value in found.items()
        if key not in ("links", "version", "created_at", "changed_at")
    )
    return 0


def _words(value: object) -> object:
    """Return a value as a person reads it on one line."""
    match value:
        case bool():
            return "yes" if value else "no"
        case dict():
            return ", ".join(f"{key} {_words(one)}" for key, one in value.items() if one != "")
        case list():
            return "; ".join(str(_words(one)) for one in value)
        case _:
            return value


def set_thing(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Make or change one thing."""
    noun: Noun = arguments.noun
    body = read_values(noun, arguments.values)
    with call_gateway(arguments) as gateway:
        saved = gateway.call(
            "PUT", noun.path(arguments.name), body,
            query={"dry_run": "1" if arguments.dry_run else None},
        )  # fmt: skip
    terminal.answer(saved)
    name = saved[noun.called]
    if arguments.dry_run:
        terminal.say(f"{name} would be {saved['status']}.")
    else:
        terminal.say(f"{name} is saved (version {saved['version']}).")
    return 0


def read_values(noun: Noun, pairs: Sequence[str]) -> dict[str, Any]:
    """Return ``key=value`` words as a body.

    Raises:
        argparse.ArgumentTypeError: one is no such pair, or its value is none that the key takes.
    """
    body: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key:
            raise argparse.ArgumentTypeError(f"{pair!r} is not key=value")
        if key.startswith("fields."):
            body.setdefault("fields", {})[key.removeprefix("fields.")] = _free(text)
        elif key in noun.numbers:
            body[key] = None if text == "" else _whole(key, text)
        elif key in noun.flags:
            if text not in ("yes", "no"):
                raise argparse.ArgumentTypeError(f"{key} is yes or no, not {text!r}")
            body[key] = text == "yes"
        elif key in noun.lists:
            body[key] = [one.strip() for one in text.split(",") if one.strip()]
        elif key in noun.pairs:
            named = (one.partition("=") for one in text.split(",") if one.strip())
            body[key] = {name.strip(): _free(value) for name, _, value in named}
        else:
            body[key] = text if text else None
    return body


def _whole(key: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{key} is a whole number, not {text!r}") from None


def _free(text: str) -> object:
    """Return a value whose type only the gateway knows: as a number or yes and no where it is."""
    if text in ("yes", "no"):
        return text == "yes"
    try:
        return int(text)
    except ValueError:
        return text or None


def remove_things(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Remove things."""
    with call_gateway(arguments) as gateway:
        for name in arguments.names:
            gateway.call("DELETE", arguments.noun.path(name))
            terminal.say(f"{name} is removed.")
    terminal.answer({"removed": arguments.names})
    return 0


# ---------------------------------------------------------------- tables


def import_table(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Take a table, and say what came of its rows."""
    content = read_bytes(arguments.file)
    query = {
        "dry_run": "1" if arguments.dry_run else None,
        "partial": "1" if arguments.partial else None,
    }
    with call_gateway(arguments) as gateway:
        done = gateway.call(
            "POST", f"/v1/imports/{arguments.what}", content, query=query,
            headers={"Content-Type": "application/octet-stream"}, timeout=TAKING,
        )  # fmt: skip
    terminal.answer(done)
    for note in done["notes"]:
        terminal.remark(note)
    refused = [row for row in done["rows"] if row["status"] == "refused"]
    for row in refused[:MOST_SHOWN]:
        terminal.remark(f"row {row['row']}, {row['subject']}: {row['detail']}")
    if len(refused) > MOST_SHOWN:
        terminal.remark(f"and {len(refused) - MOST_SHOWN} more")
    counts = ", ".join(f"{count} {status}" for status, count in done["counts"].items())
    terminal.say(
        f"{'Nothing was changed; it would be' if arguments.dry_run else 'Done'}: {counts}."
    )
    return 1 if refused and not arguments.partial else 0


def export_table(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write everything of a kind as a table."""
    form = Path(arguments.file).suffix.removeprefix(".").lower() or "csv"
    if form not in ("csv", "xlsx", "json"):
        raise argparse.ArgumentTypeError(
            f"{arguments.file!r} ends in none of .csv, .xlsx and .json"
        )
    output = None if arguments.file == "-" else Path(arguments.file)
    with call_gateway(arguments) as gateway:
        pieces = gateway.download(f"/v1/exports/{arguments.what}", {"format": form})
        save(pieces, output, terminal)
    return 0
