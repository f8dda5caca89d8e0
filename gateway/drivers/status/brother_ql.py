r"""What a Brother QL printer says about itself: bytes in, answers out, however they are cut.

    wire ──bytes──► StatusReader ──► Status: 32 bytes, asked for (ESC i S) or sent by itself

Layout: raster command reference, ESC i S, tables 1 to 7. What is none of it is skipped, and nothing
a device sends is an error here.

>>> reader = StatusReader()
>>> reader.feed(bytes.fromhex("80204234413000000010 3e0b00003f00001d0200") + bytes(6))
[]
>>> (status,) = reader.feed(bytes(6))
>>> status.model, status.kind, status.errors, status.media_width
('QL-820NWB', 'error', ('head_open',), 62)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gateway.drivers.status.problems import PROBLEMS
from gateway.printers import Problem

LENGTH = 32
_HEADER = b"\x80\x20B"

Kind = Literal["reply", "completed", "error", "off", "notification", "phase", "other"]
"""What a status is sent for (table 5)."""

_KINDS: dict[int, Kind] = {
    0x00: "reply", 0x01: "completed", 0x02: "error", 0x04: "off", 0x05: "notification",
    0x06: "phase",
}  # fmt: skip

_MODELS = {
    b"0O": "QL-500", b"0P": "QL-1050", b"0Q": "QL-650TD", b"41": "QL-560", b"42": "QL-570",
    b"43": "QL-580N", b"44": "QL-1060N", b"45": "QL-700", b"60": "QL-710W", b"70": "QL-720NW",
    b"80": "QL-800", b"90": "QL-810W", b"A0": "QL-820NWB", b"C0": "QL-1100", b"D0": "QL-1110NWB",
    b"E0": "QL-1115NWB", b"G0": "QL-600",
}  # fmt: skip
"""Bytes 4 and 5."""

_FIRST = (
    (0x01, "paper_out"),  # no media
    (0x02, "paper_out"),  # end of media
    (0x04, "cutter_fault"),
    (0x08, "battery_low"),
    (0x10, "in_use"),
    (0x80, "fan_fault"),
)
_SECOND = (
    (0x01, "wrong_roll"),
    (0x02, "buffer_full"),
    (0x04, "communication"),
    (0x08, "buffer_full"),
    (0x10, "head_open"),
    (0x20, "cancelled"),
    (0x40, "paper_feed"),
    (0x80, "system_error"),
)
"""Bits of bytes 8 and 9 (tables 1 and 2)."""

_COOLING = {0x03: True, 0x04: False}
"""Notifications that cooling has begun or ended (table 7)."""


@dataclass(frozen=True, slots=True)
class Status:
    """The 32 bytes."""

    model: str
    errors: tuple[str, ...]
    media_width: int
    """mm of the loaded roll; 0 when there is none."""
    media: Literal["none", "continuous", "die_cut", "other"]
    media_length: int
    """mm of a die-cut label; 0 on a continuous roll."""
    kind: Kind
    printing: bool
    """It is in the printing phase, not the receiving one (table 6)."""
    cooling: bool | None = None
    """Cooling has begun or ended; None when it does not say."""


class StatusReader:
    """Turns what a printer says into statuses; keeps only what is not yet whole."""

    def __init__(self) -> None:
        self._heard = b""

    def feed(self, heard: bytes) -> list[Status]:
        """Return the statuses that these bytes made whole."""
        self._heard += heard
        found: list[Status] = []
        while True:
            start = self._heard.find(_HEADER)
            if start < 0:
                self._heard = self._heard[-2:]  # a header may have begun
                return found
            self._heard = self._heard[start:]
            if len(self._heard) < LENGTH:
                return found
            found.append(_read(self._heard[:LENGTH]))
            self._heard = self._heard[LENGTH:]


def _read(octets: bytes) -> Status:
    names = [name for bit, name in _FIRST if octets[8] & bit]
    names += [name for bit, name in _SECOND if octets[9] & bit]
    media: Literal["none", "continuous", "die_cut", "other"] = "other"
    match octets[11] & 0x3F:  # newer firmwares add 40h
        case 0x00:
            media = "none"
        case 0x0A:
            media = "continuous"
        case 0x0B:
            media = "die_cut"
        case _:
            pass
    return Status(
        _MODELS.get(octets[4:6], f"QL, code {octets[4]:02X}{octets[5]:02X}h"),
        tuple(dict.fromkeys(names)),
        octets[10],
        media,
        octets[17],
        _KINDS.get(octets[18], "other"),
        octets[19] == 0x01,
        _COOLING.get(octets[22]) if octets[18] == 0x05 else None,
    )


_OWN: dict[str, Problem] = {
    problem.kind: problem
    for problem in (
        Problem(
            "wrong_roll", "Another roll is loaded than the label is made for.",
            "Load the roll that is set, or set the printer's media to the one in it.",
        ),
        Problem("battery_low", "The battery is low.", "Charge it.", stops=False),
        Problem("in_use", "Another computer is printing.", "Wait until it has finished."),
        Problem("fan_fault", "The fan does not turn.", "Have the printer repaired."),
        Problem("buffer_full", "The printer's buffer is full.", "Switch the printer off and on."),
        Problem(
            "communication", "The printer did not understand what it received.",
            "Check the cable, and switch the printer off and on.",
        ),
        Problem(
            "cancelled", "Printing was cancelled at the printer.",
            "Look at the last label, and say in the gateway what became of it.",
        ),
        Problem("system_error", "The printer has a fault inside.", "Switch it off and on."),
    )
}  # fmt: skip
"""Troubles that only these printers have."""


def troubles(status: Status) -> tuple[Problem, ...]:
    """Return what stops or worries the printer.

    >>> reader = StatusReader()
    >>> (open_,) = reader.feed(bytes.fromhex("80204234413000000110") + bytes(22))
    >>> [problem.sentence for problem in troubles(open_)]
    ['Paper is out.', 'The lid is open.']
    """
    found = [_OWN.get(name) or PROBLEMS[name] for name in status.errors]
    if status.cooling:
        found.append(PROBLEMS["head_too_hot"])
    return tuple(found)
