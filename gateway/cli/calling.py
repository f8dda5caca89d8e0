"""How a command reaches the daemon: over HTTP, like everybody else.

GATEWAY_URL, or --url           where it is; else where this machine's settings say
GATEWAY_KEY, or --key-file      who asks; else the key file of this machine's daemon
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.errors import SettingsRefused

if TYPE_CHECKING:
    import ssl

    from gateway.client import Gateway
    from gateway.config import Settings


def add_calling(parser: argparse.ArgumentParser) -> None:
    """Add the options that every command has which calls the daemon."""
    group = parser.add_argument_group("the daemon")
    group.add_argument("--url", help="where it answers (default: GATEWAY_URL, or the settings)")
    group.add_argument(
        "--key-file",
        type=Path,
        metavar="FILE",
        help="file with the API key (default: GATEWAY_KEY, or this machine's own)",
    )
    group.add_argument("--json", action="store_true", help="answer with JSON, for programs")


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add the options by which a command of this machine finds its settings."""
    group = parser.add_argument_group("settings")
    group.add_argument(
        "--config", type=Path, metavar="FILE", help="settings file (default: GATEWAY_CONFIG)"
    )
    group.add_argument(
        "--data-dir", metavar="DIR", help="data directory (default: GATEWAY_DATA_DIR)"
    )


def add_action(
    actions: Any, name: str, command: Any, words: str, description: str | None = None
) -> argparse.ArgumentParser:
    """Add an action that calls the daemon to a command, and return its parser.

    ``words`` say in a line what it does; they are its description, too, when there is no other.
    """
    parser: argparse.ArgumentParser = actions.add_parser(
        name,
        help=words,
        description=description or words[0].upper() + words[1:] + ".",
        allow_abbrev=False,
    )
    add_calling(parser)
    add_settings(parser)
    parser.set_defaults(command=command)
    return parser


def settings_of(arguments: argparse.Namespace, environment: Mapping[str, str]) -> Settings:
    """Return this machine's settings, the command's options over them.

    Raises:
        SettingsRefused: one is not right.
    """
    from gateway.config import OPTIONS, read_settings

    given = {
        option: str(value)
        for option in OPTIONS
        if (value := getattr(arguments, option.removeprefix("--").replace("-", "_"), None))
    }
    return read_settings(environment, config=getattr(arguments, "config", None), options=given)


def call_gateway(
    arguments: argparse.Namespace, environment: Mapping[str, str] | None = None
) -> Gateway:
    """Return the client for the daemon that the options and the environment name.

    Raises:
        SettingsRefused: the settings or the key file cannot be read.
    """
    from gateway.client import Gateway

    environment = os.environ if environment is None else environment
    url = arguments.url or environment.get("GATEWAY_URL")
    key = environment.get("GATEWAY_KEY")
    verify: ssl.SSLContext | bool = True
    if arguments.key_file is not None:
        key = _read_key(arguments.key_file)
    if not url:
        settings = settings_of(arguments, environment)
        url = settings.url
        if settings.tls_cert is not None:
            verify = _trust_of(settings.tls_cert)
        if key is None and settings.key_file.is_file():
            key = _read_key(settings.key_file)
    # A person waits: a daemon that is not there is told soon, one that restarts is waited for.
    return Gateway(url, key, patience=3.0, verify=verify)


def _read_key(file: Path) -> str:
    try:
        return file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsRefused(f"The key file {file} cannot be read: {error}.") from error


def _trust_of(certificate: Path) -> ssl.SSLContext:
    """Return trust in exactly the certificate this machine's own daemon shows on loopback."""
    import ssl

    try:
        context = ssl.create_default_context(cafile=str(certificate))
    except (OSError, ssl.SSLError) as error:
        raise SettingsRefused(
            f"tls_cert: {certificate} is no PEM certificate ({error})."
        ) from error
    # It is the file itself that is trusted, not a name in it: 127.0.0.1 is none of its names.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False
    return context
