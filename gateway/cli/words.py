"""How people write things on a command line: durations, lengths, fields, label numbers.

>>> parse_seconds("90m"), parse_millimetres("101.6"), parse_numbers("1,3-5")
(5400.0, 101600, [1, 3, 4, 5])
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_seconds(text: str) -> float:
    """Return a duration such as ``45``, ``90s``, ``10m``, ``8h`` or ``2d`` in seconds.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)([smhd]?)", text.strip().lower(), re.ASCII)
    if match is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no duration; write for example 45s, 10m, 8h or 2d"
        )
    return float(match[1]) * _UNITS[match[2]]


def parse_millimetres(text: str) -> int:
    """Return a length written in mm as µm.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    try:
        length = Decimal(text.strip().lower().removesuffix("mm").strip())
    except InvalidOperation:
        length = Decimal(0)
    if not length.is_finite() or not 0 < length <= 10_000 or length * 1000 != int(length * 1000):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no length in mm; write for example 100 or 101.6"
        )
    return int(length * 1000)


def parse_density(text: str) -> int | str:
    """Return a density as JSON writes it: ``8`` or ``"300dpi"``.

    Raises:
        argparse.ArgumentTypeError: no print head has it.
    """
    from gateway.errors import UnitRefused
    from gateway.units import format_density
    from gateway.units import parse_density as parse

    try:
        return format_density(parse(text))
    except UnitRefused as refused:
        raise argparse.ArgumentTypeError(refused.detail) from None


SEPARATORS = {"{GS}": "\x1d", "{RS}": "\x1e", "{EOT}": "\x04"}
"""How a shell can write the separators of GS1 and of ISO/IEC 15434."""


def parse_code(text: str) -> str:
    """Return a scanned code as a shell can write it.

    >>> parse_code("10AB-1{GS}21SN-7")
    '10AB-1\\x1d21SN-7'
    """
    for written, sign in SEPARATORS.items():
        text = text.replace(written, sign)
    return text


def parse_numbers(text: str) -> list[int]:
    """Return label numbers written as ``1,3-5``.

    Raises:
        argparse.ArgumentTypeError: they are not.
    """
    numbers: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*([1-9][0-9]{0,6})(?:\s*-\s*([1-9][0-9]{0,6}))?\s*", part)
        if match is None or (match[2] and int(match[2]) < int(match[1])):
            raise argparse.ArgumentTypeError(f"{text!r} are no label numbers; write 1,3-5")
        numbers += range(int(match[1]), int(match[2] or match[1]) + 1)
    return numbers


def parse_fields(pairs: Iterable[str]) -> dict[str, str]:
    """Return the fields written as ``name=value``.

    >>> parse_fields(["serial=SN-1", "note=a=b"])
    {'serial': 'SN-1', 'note': 'a=b'}

    Raises:
        argparse.ArgumentTypeError: one has no name, or a name comes twice.
    """
    fields: dict[str, str] = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator or not name:
            raise argparse.ArgumentTypeError(
                f"{pair!r} is no field; write name=value, such as serial=SN-1"
            )
        if name in fields:
            raise argparse.ArgumentTypeError(f"the field {name!r} is given twice")
        fields[name] = value
    return fields


def job_id(text: str) -> str:
    """Return a job's id, also for its bare number.

    >>> job_id("12"), job_id("j12")
    ('J12', 'J12')
    """
    return f"J{text}" if text.isdecimal() else text[:1].upper() + text[1:]


def label_id(text: str) -> str:
    """Return a label's id, also for its bare number.

    >>> label_id("7")
    'L7'
    """
    return f"L{text}" if text.isdecimal() else text[:1].upper() + text[1:]
