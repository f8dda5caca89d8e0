"""``label-gateway run``: start the daemon."""

from __future__ import annotations

import argparse
import os
from typing import Any

from gateway.cli.calling import add_settings, settings_of
from gateway.cli.terminal import Terminal


def add(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "run",
        help="start the daemon",
        description="Start the daemon. It needs no settings: it listens on 127.0.0.1:8730, keeps "
        "its database in the user's own data directory and brings a virtual printer along.",
        epilog="examples:\n"
        "  label-gateway run\n"
        "  label-gateway run --data-dir /srv/labels --listen 127.0.0.1:9000 --log debug,json\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_settings(parser)
    parser.add_argument(
        "--listen", metavar="HOST:PORT", help="where to answer (default: GATEWAY_LISTEN)"
    )
    parser.add_argument(
        "--log",
        metavar="LEVEL,FORMAT",
        help="debug, info, warning or error; text or json (default: GATEWAY_LOG)",
    )
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Run the daemon until it is told to stop."""
    settings = settings_of(arguments, os.environ)
    from gateway.app import serve
    from gateway.logs import start_logging

    start_logging(settings.log_level, settings.log_format)
    return serve(settings)
