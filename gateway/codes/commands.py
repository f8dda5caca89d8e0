"""Command barcodes: what a person does at a station, printed as a code and scanned like any other.

    verb, argument ──write_command──► "GWC-MODE-RECEIVE-S"
    text ──read_command──► Command, or a refusal; None: it is no command at all

A check character over verb and argument (ISO/IEC 7064, MOD 37,36) tells a command from a text that
only looks like one. What changes who a scanner belongs to is signed as well: only the gateway that
printed it takes it.

>>> write_command("MODE", "RECEIVE")
'GWC-MODE-RECEIVE-S'
>>> read_command("GWC-MODE-RECEIVE-S")
Command(verb='MODE', arg='RECEIVE', signed=False)
>>> read_command("GW-SOMETHING") is None
True
>>> signing = Signing(b"secret of a database")
>>> code = write_command("STATION", "7", signing.sign)
>>> read_command(code, signing.check)
Command(verb='STATION', arg='7', signed=True)
>>> read_command("GWC-UNDO-X")
Traceback (most recent call last):
...
gateway.errors.CodeRefused: 'GWC-UNDO-X' is no command: its check character should be 3 and is X; \
scan it again, or print the sheet of commands anew.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NamedTuple

from gateway.codes.checkdigits import check_character
from gateway.errors import CodeRefused

PREFIX: Final = "GWC-"

Sign = Callable[[str], str]
"""From what is signed (``STATION-7``) to eight characters of Crockford's base 32."""

CheckSignature = Callable[[str, str], bool]
"""Whether a signature is that of a text."""

SIGNATURE_LENGTH: Final = 8
"""40 bits: a forger gets one guess with each scan, and each wrong one is seen."""

_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PART: Final = re.compile(r"[0-9A-Z]+")
_NOT_A_PART: Final = re.compile(r"[^0-9A-Z]+")


class Verb(NamedTuple):
    """A row of the table of commands."""

    title: str
    argument: str = ""
    """The form of the argument, a regular expression; empty: it takes none."""
    example: str = ""
    signed: bool = False


VERBS: Final[Mapping[str, Verb]] = {
    "MODE": Verb("Change what the station does", r"[A-Z][0-9A-Z]{0,23}", "RECEIVE"),
    "DONE": Verb("Finish and post"),
    "UNDO": Verb("Take back the last", r"(?:[0-9]{1,18})?", "1234"),
    "CANCEL": Verb("Drop what was begun"),
    "QTY": Verb("So many of the next", r"[0-9]{1,6}", "12"),
    "PRINT": Verb("Print the label"),
    "ASSIGN": Verb("That is the barcode of an item"),
    "YES": Verb("Yes"),
    "NO": Verb("No"),
    "CHOOSE": Verb("Choose that one", r"[1-9]", "1"),
    "OUT": Verb("Sign out"),
    "STATION": Verb(
        "The scanner belongs to that station", r"[0-9A-Z]{1,24}", "7", signed=True
    ),
}  # fmt: skip
"""Everything that can be commanded by a barcode, one row each."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command with its check, and its signature where it needs one, found right."""

    verb: str
    arg: str = ""
    signed: bool = False


class Signing:
    """Signs commands, and checks them, with a secret that one database has."""

    def __init__(self, secret: bytes) -> None:
        # A key of its own: what else the secret is used for says nothing about signatures.
        self._key = hmac.digest(secret, b"command barcodes", sha256)

    def sign(self, text: str) -> str:
        """Return the signature of a text: eight characters of Crockford's base 32."""
        whole = int.from_bytes(hmac.digest(self._key, text.encode(), sha256)[:5], "big")
        return "".join(
            _CROCKFORD[whole >> 5 * place & 31] for place in range(SIGNATURE_LENGTH - 1, -1, -1)
        )

    def check(self, text: str, signature: str) -> bool:
        """Return whether that is the signature of the text; takes the same time either way."""
        return hmac.compare_digest(self.sign(text).encode(), signature.encode())


def as_argument(name: str) -> str:
    """Return a name as a command carries it: capital letters and digits only.

    >>> as_argument("put-away")
    'PUTAWAY'
    """
    return _NOT_A_PART.sub("", name.upper())


def write_command(verb: str, arg: str = "", sign: Sign | None = None) -> str:
    """Return the text of a command barcode.

    Raises:
        CodeRefused: no such verb, an argument of another form, or no ``sign`` for one that must be
            signed.
    """
    row = _row(verb, arg, f"{verb} {arg}".strip())
    body = "-".join(filter(None, (verb, arg)))
    if row.signed:
        if sign is None:
            raise CodeRefused(
                f"The command {verb} must be signed: give the signing of this database.", verb=verb
            )
        body = f"{body}-{sign(body)}"
    return f"{PREFIX}{body}-{check_character(body.replace('-', ''))}"


def is_command(text: str) -> bool:
    """Return whether a text says of itself that it is a command, right or wrong."""
    return text[:4].upper() == PREFIX


def read_command(text: str, check_signature: CheckSignature | None = None) -> Command | None:
    """Return the command that a text is; None when it does not begin like one.

    Small letters are read as capitals: a keyboard's Caps Lock turns them round. Without
    ``check_signature`` no signed command is taken.

    Raises:
        CodeRefused: it begins like a command and is none: a wrong check character or signature, a
            verb that does not exist, an argument of another form.
    """
    if not is_command(text):
        return None
    shown = text if len(text) <= 60 else f"{text[:60]}…"
    *parts, check = text[len(PREFIX) :].upper().split("-")
    if not parts or not all(map(_PART.fullmatch, (*parts, check))) or not text.isascii():
        raise CodeRefused(
            f"{shown!r} is no command: expected {PREFIX}VERB-CHECK or {PREFIX}VERB-ARGUMENT-CHECK "
            "in capital letters and digits.",
            code=text,
        )
    expected = check_character("".join(parts))
    if check != expected:
        raise CodeRefused(
            f"{shown!r} is no command: its check character should be {expected} and is {check}; "
            "scan it again, or print the sheet of commands anew.",
            code=text,
            expected=expected,
            got=check,
        )
    verb, *rest = parts
    row = VERBS.get(verb)
    signature = rest.pop() if row is not None and row.signed and rest else ""
    row = _row(verb, "-".join(rest), shown)
    if row.signed and not (
        check_signature is not None and check_signature("-".join((verb, *rest)), signature)
    ):
        raise CodeRefused(
            f"{shown!r} is not signed by this gateway; print the sheet of commands here, and scan "
            "that one.",
            code=text,
        )
    return Command(verb, "-".join(rest), row.signed)


def _row(verb: str, arg: str, shown: str) -> Verb:
    row = VERBS.get(verb)
    if row is None:
        raise CodeRefused(
            f"{shown!r} is no command: there is no verb {verb!r}; there are {', '.join(VERBS)}.",
            verb=verb,
        )
    if not row.argument and arg:
        raise CodeRefused(
            f"{shown!r} is no command: {verb} takes no argument, got {arg!r}.", verb=verb, got=arg
        )
    if row.argument and not re.fullmatch(row.argument, arg):
        raise CodeRefused(
            f"{shown!r} is no command: {verb} needs an argument such as {row.example!r}, got "
            f"{arg!r}.",
            verb=verb,
            got=arg,
        )
    return row
