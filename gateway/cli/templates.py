"""``label-gateway templates``: what labels look like, and every version they had."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gateway.cli.calling import add_action, call_gateway
from gateway.cli.preview import read_template
from gateway.cli.print_labels import write_bytes
from gateway.cli.terminal import Terminal, local_time


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "templates",
        help="list, show and save templates",
        description="Templates are JSON documents. A saved version never changes: jobs keep the "
        "version they were accepted with.",
        epilog="examples:\n"
        "  label-gateway templates show serial-label -o mine.json\n"
        "  label-gateway templates save mine.json --name mine --note 'larger serial'\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add_action(actions, "list", list_templates, "list the templates")

    show = add_action(actions, "show", show_template, "show a template's document")
    show.add_argument("name")
    show.add_argument("--version", metavar="N", help="an older version, by its number")
    show.add_argument("-o", "--output", type=Path, metavar="FILE", help="write it to a file")

    save = add_action(actions, "save", save_template, "save a template as a new version")
    save.add_argument("file", help="the template's JSON file; - reads the input")
    save.add_argument("--name", help="save under this name (default: the document's own)")
    save.add_argument("--note", help="what changed, for people")

    versions = add_action(actions, "versions", list_versions, "list the versions of a template")
    versions.add_argument("name")

    back = add_action(actions, "back", go_back, "let an old version print again, as a new one")
    back.add_argument("name")
    back.add_argument("number", type=int, help="the version to go back to")
    back.add_argument("--note", default="", help="why, for people")

    delete = add_action(
        actions, "delete", delete_template, "delete a template; its jobs still print"
    )
    delete.add_argument("name")


def _path(name: str) -> str:
    return f"/v1/templates/{quote(name, safe='')}"


def list_templates(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List templates."""
    with call_gateway(arguments) as gateway:
        items = list(gateway.items("/v1/templates"))
    terminal.answer(items)
    terminal.table(
        ["template", "title", "fields", "number", "saved", "by"],
        [
            [
                item.get("name"),
                item.get("title"),
                " ".join(_field(field) for field in item.get("fields", ())),
                item.get("number"),
                local_time(item.get("saved_at")),
                item.get("actor"),
            ]
            for item in items
        ],
    )
    terminal.say()
    terminal.say("Fields in brackets may be left out.")
    return 0


def _field(field: dict[str, Any]) -> str:
    return str(field["name"]) if field.get("required") else f"[{field['name']}]"


def show_template(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Show a template's document."""
    path = _path(arguments.name)
    if arguments.version:
        path += f"/versions/{quote(arguments.version, safe='')}"
    with call_gateway(arguments) as gateway:
        answer = gateway.call("GET", path)
    document = answer.get("document", answer)
    text = json.dumps(document, indent=2, ensure_ascii=False)
    if arguments.output is not None:
        write_bytes(arguments.output, (text + "\n").encode("utf-8"))
        terminal.say(f"{arguments.output} written")
        terminal.answer({"file": str(arguments.output)})
        return 0
    terminal.answer(answer)
    for line in text.splitlines():
        terminal.say(line)
    return 0


def save_template(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Save a template."""
    document = read_template(arguments.file)
    name = arguments.name or document.get("name")
    if not isinstance(name, str) or not name:
        raise argparse.ArgumentTypeError(f"{arguments.file} has no name of its own; give --name")
    with call_gateway(arguments) as gateway:
        saved = gateway.call(
            "PUT",
            _path(name),
            document | {"name": name},
            query={"note": arguments.note},
        )
    terminal.answer(saved)
    terminal.say(_became(name, saved, "saved as"))
    return 0


def _became(name: str, answer: Mapping[str, Any], how: str) -> str:
    """Return what became of a new version: it prints, or waits for a second person."""
    if answer.get("state") == "waiting":
        return f"{name} waits for a second person, who must approve it; until then nothing changes."
    return f"{name} is {how} number {answer.get('number')}."


def go_back(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Let an old version print again."""
    body = {"number": arguments.number, "note": arguments.note}
    with call_gateway(arguments) as gateway:
        answer = gateway.call("POST", f"{_path(arguments.name)}/back", body)
    terminal.answer(answer)
    terminal.say(_became(arguments.name, answer, f"as number {arguments.number} was, now as"))
    return 0


def list_versions(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List a template's versions, newest first."""
    with call_gateway(arguments) as gateway:
        items = list(gateway.items(f"{_path(arguments.name)}/versions"))
    terminal.answer(items)
    terminal.table(
        ["number", "version", "saved", "by", "note"],
        [
            [
                item.get("number"),
                str(item.get("version", ""))[:12],
                local_time(item.get("saved_at")),
                item.get("actor"),
                item.get("note"),
            ]
            for item in items
        ],
    )
    return 0


def delete_template(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Delete a template."""
    with call_gateway(arguments) as gateway:
        answer = gateway.call("DELETE", _path(arguments.name))
    terminal.answer(answer or {"deleted": arguments.name})
    terminal.say(f"{arguments.name} is deleted; jobs that were accepted with it still print.")
    return 0
