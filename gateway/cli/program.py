"""The program ``label-gateway``: its commands, and what their exit codes mean.

A command is a module with ``add(commands)``; what it needs is imported when it runs, so that
``--help`` and a short question cost no start-up time. A new command is a module and its row in
``COMMANDS``.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from gateway import __version__
from gateway.cli.terminal import Terminal
from gateway.errors import GatewayError, SettingsRefused

COMMANDS = (
    "run",
    "print_labels",
    "preview",
    "sheets",
    "jobs",
    "printers",
    "pools",
    "templates",
    "items",
    "locations",
    "parties",
    "serials",
    "documents",
    "stock",
    "reports",
    "registry",
    "stations",
    "scanners",
    "scan",
    "operators",
    "webhooks",
    "keys",
    "virtual_printer",
    "backup",
    "doctor",
)
"""Modules of this package, in the order of ``--help``."""

DONE, REFUSED, USAGE, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes. 130 is what a shell says of a program that Ctrl-C ended (128 + SIGINT)."""

MOST_SAID = 10
"""Refused labels that are told one by one."""

_EPILOG = """\
first steps:
  label-gateway run
      start the daemon; http://127.0.0.1:8730 shows the virtual printer's paper
  label-gateway print --printer zebra --template serial-label serial=SN-1 --wait
      print a label and say whether it is on paper
  label-gateway printers add line-1 tcp://10.0.0.7:9100 --width 100 --height 50
      add a printer on the network

exit codes:
  0 done   1 refused or failed   2 wrong usage or settings   3 no daemon answers
"""


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="label-gateway",
        description="Print labels, and know of each one whether it is on paper.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"label-gateway {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in COMMANDS:
        importlib.import_module(f"gateway.cli.{name}").add(commands)
    return parser


def run_program(arguments: Sequence[str], terminal: Terminal | None = None) -> int:
    """Run one command line; return the exit code."""
    try:
        parsed = make_parser().parse_args(arguments)
    except SystemExit as leaving:  # argparse has said why
        return int(leaving.code or 0)
    as_json = bool(getattr(parsed, "json", False))
    terminal = terminal or Terminal(sys.stdout, sys.stderr, as_json)
    try:
        return int(parsed.command(parsed, terminal))
    except SettingsRefused as refused:
        terminal.refuse(refused.detail, **refused.facts)
        return USAGE
    except argparse.ArgumentTypeError as wrong:
        terminal.refuse(f"label-gateway: {wrong}")
        return USAGE
    except GatewayError as refused:
        terminal.refuse(refused.detail, **refused.facts)
        return REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the answer has seen enough (``| head``). Python would complain again when
        # it flushes at exit, so the stream leads nowhere from here on.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        code = _say_fault(error, terminal)
        if code is None:
            raise
        return code


def _say_fault(error: Exception, terminal: Terminal) -> int | None:
    """Say what the client raised, and return the exit code; None for a fault of this program."""
    if "gateway.client" not in sys.modules:  # then it raised nothing
        return None
    from gateway.client import GatewayFault, Problem, Unreachable

    if isinstance(error, Problem):
        terminal.refuse(error.detail, type=error.type, facts=error.facts, items=error.items)
        if not terminal.as_json:
            # The sentence names the first; the others follow, as many as can be read.
            for item in error.items[1:MOST_SAID]:
                where = f"label {item['index'] + 1}: " if "index" in item else ""
                terminal.remark(f"  {where}{item.get('detail', '')}")
            if len(error.items) > MOST_SAID:
                terminal.remark(f"  and {len(error.items) - MOST_SAID} more")
        return REFUSED
    if isinstance(error, GatewayFault):
        terminal.refuse(str(error))
        return UNREACHABLE if isinstance(error, Unreachable) else REFUSED
    return None
