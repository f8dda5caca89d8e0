"""``label-gateway webhooks``: programs outside that are told what happens."""

from __future__ import annotations

import argparse
from typing import Any
from urllib.parse import quote

from gateway.cli.calling import add_action, call_gateway
from gateway.cli.terminal import Terminal, local_time


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "webhooks",
        help="tell programs outside what happens",
        description="A webhook sends entries of the feed to a URL, signed, until each is taken. "
        "What was tried for three days is dead, until it is sent again by hand.",
        epilog="examples:\n"
        "  label-gateway webhooks add erp https://erp.example/hooks --kind scan --kind serial\n"
        "  label-gateway webhooks test erp\n"
        "  label-gateway webhooks resend erp\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add_action(actions, "list", list_webhooks, "list the webhooks and what waits for them")
    made = add_action(
        actions, "add", add_webhook, "make a webhook; its secret is shown once and never again"
    )
    made.add_argument("name", help="1 to 40 letters, digits, '-', '_' or '.'")
    made.add_argument(
        "receiver", metavar="url", help="https://…, or http://… in the site's own network"
    )
    made.add_argument(
        "--kind", action="append", default=[], metavar="KIND",
        help="what to tell of: 'scan.done', or 'scan' for all scans; everything if none is named",
    )  # fmt: skip
    made.add_argument(
        "--station", action="append", default=[], metavar="NAME", help="only of this station"
    )
    made.add_argument(
        "--internet-only", action="store_true",
        help="never connect to an address of the site's own network",
    )  # fmt: skip
    for name, command, words in (
        ("test", test_webhook, "send a message now, and say what came of it"),
        ("rotate", rotate_secret, "make another secret; the one before signs for another day"),
        ("pause", pause_webhook, "send nothing for now; what happens is kept"),
        ("resume", resume_webhook, "go on where it was paused"),
        ("waiting", list_waiting, "list what was not taken yet and is tried again"),
        ("dead", list_dead, "list what was tried to the end"),
        ("remove", remove_webhook, "remove a webhook with all that waits for it"),
    ):
        add_action(actions, name, command, words).add_argument("name")
    again = add_action(actions, "resend", resend, "send again what is dead")
    again.add_argument("name")
    again.add_argument("delivery", nargs="?", type=int, help="one only, by its number")


def _path(name: str, *more: object) -> str:
    return "/".join(["/v1/webhooks", quote(name, safe=""), *map(str, more)])


def list_webhooks(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List webhooks."""
    with call_gateway(arguments) as gateway:
        hooks = list(gateway.items("/v1/webhooks"))
    terminal.answer(hooks)
    if not hooks:
        terminal.say("There is no webhook; make one with: label-gateway webhooks add NAME URL")
        return 0
    terminal.table(
        ["name", "url", "kinds", "stations", "active", "waiting", "dead", "trouble"],
        [
            [
                hook["name"],
                hook["url"],
                hook["kinds"] or "all",
                hook["stations"] or "all",
                hook["active"],
                hook["waiting"],
                hook["dead"],
                hook["trouble"],
            ]
            for hook in hooks
        ],
    )
    return 0


def add_webhook(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Make a webhook and show its secret."""
    body = {
        "url": arguments.receiver,
        "kinds": arguments.kind,
        "stations": arguments.station,
        "private": not arguments.internet_only,
    }
    with call_gateway(arguments) as gateway:
        made = gateway.call("PUT", _path(arguments.name), body, headers={"If-None-Match": "*"})
    _show_secret(made, terminal)
    return 0


def rotate_secret(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Make another secret and show it."""
    with call_gateway(arguments) as gateway:
        _show_secret(gateway.call("POST", _path(arguments.name, "rotate")), terminal)
    return 0


def _show_secret(made: dict[str, Any], terminal: Terminal) -> None:
    terminal.answer(made)
    if not terminal.as_json:
        # Alone on its line, so that it can be copied or piped; the words go beside.
        terminal.remark(f"The secret of {made['name']}. It is not shown again:")
        terminal.say(str(made["secret"]))


def test_webhook(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Send a message; the exit code is 1 when it was not taken."""
    with call_gateway(arguments) as gateway:
        outcome = gateway.call("POST", _path(arguments.name, "test"))
    terminal.answer(outcome)
    terminal.say(str(outcome["sentence"]))
    return 0 if outcome["taken"] else 1


def pause_webhook(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Send nothing for now."""
    _switch(arguments, terminal, False)
    terminal.say(f"{arguments.name} is paused; it goes on from here when it is resumed.")
    return 0


def resume_webhook(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Go on."""
    _switch(arguments, terminal, True)
    terminal.say(f"{arguments.name} goes on where it was.")
    return 0


def _switch(arguments: argparse.Namespace, terminal: Terminal, active: bool) -> None:
    with call_gateway(arguments) as gateway:
        name = gateway.call("GET", _path(arguments.name))["name"]  # none is made by mistake
        terminal.answer(gateway.call("PUT", _path(name), {"active": active}))


def list_waiting(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List what is tried again by itself."""
    return _list_deliveries(arguments, terminal, "waiting")


def list_dead(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """List what waits for a person."""
    return _list_deliveries(arguments, terminal, "dead")


def _list_deliveries(arguments: argparse.Namespace, terminal: Terminal, state: str) -> int:
    with call_gateway(arguments) as gateway:
        found = list(gateway.items(_path(arguments.name, "deliveries"), {"state": state}))
    terminal.answer(found)
    if not found:
        terminal.say(f"Nothing of {arguments.name} is {state}.")
        return 0
    terminal.table(
        ["delivery", "event", "type", "subject", "tries", "next try", "why"],
        [
            [
                one["id"],
                one["event"],
                one["type"],
                one["subject"],
                one["attempts"],
                local_time(one["next_at"]),
                one["error"],
            ]
            for one in found
        ],
    )
    return 0


def resend(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Send dead deliveries again."""
    more = () if arguments.delivery is None else ("deliveries", arguments.delivery)
    with call_gateway(arguments) as gateway:
        answer = gateway.call("POST", _path(arguments.name, *more, "resend"))
    terminal.answer(answer)
    count = answer["resent"]
    terminal.say(f"{count} message{'' if count == 1 else 's'} of {arguments.name} are sent again.")
    return 0


def remove_webhook(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Remove a webhook."""
    with call_gateway(arguments) as gateway:
        gateway.call("DELETE", _path(arguments.name))
    terminal.answer({"removed": [arguments.name]})
    terminal.say(f"{arguments.name} is removed; nobody is told by it any more.")
    return 0
