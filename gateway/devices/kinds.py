"""How printers and scanners are spoken of where the same code serves both."""

from __future__ import annotations

from typing import NamedTuple

from gateway.errors import InputRefused, PrinterRefused, ScannerRefused


class Kind(NamedTuple):
    """A kind of device, in a sentence."""

    noun: str
    refused: type[InputRefused]
    """What is raised when its settings are wrong."""
    example: str
    """An address of one on the network."""
    line: str
    """One on a serial line."""
    finder: str
    """The command that shows which ones there are."""
    works: str
    """What it does through this gateway."""


PRINTER = Kind(
    "printer",
    PrinterRefused,
    "tcp://10.0.0.7:9100",
    "serial:///dev/ttyUSB0?baud=9600&flow=rtscts",
    "label-gateway printers find",
    "print",
)
SCANNER = Kind(
    "scanner",
    ScannerRefused,
    "tcp://10.0.0.9:2001",
    "serial:///dev/ttyACM0?baud=9600&flow=none",
    "label-gateway scanner find",
    "scan",
)
