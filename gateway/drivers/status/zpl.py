r"""What a ZPL printer says about itself: bytes in, answers out, however the bytes are cut.

    wire ──bytes──► StatusReader ──► HostStatus (~HS), HostErrors (~HQES), HostIdentity (~HI),
                                     Variable (! U1 getvar), Listing (^HW), SerialNumber (~HQSN),
                                     Noise (whatever else)

Layouts: ZPL II Programming Guide, ~HS, ~HI, ~HQ, ^HW. A device's words are cleaned, cut and never
trusted; what fits nothing becomes ``Noise``, and nothing a device sends is an error here.

>>> reader = StatusReader()
>>> reader.feed(b'\x02ZTC ZD421-203dpi,V93.21.07Z,8,8192KB,X\x03\r\n"12')  # doctest: +ELLIPSIS
[HostIdentity(model='ZTC ZD421-203dpi', firmware='V93.21.07Z', dots_per_mm=8, ...)]
>>> reader.feed(b'345"')
[Variable(value='12345')]
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.drivers.status.problems import PROBLEMS
from gateway.drivers.status.reading import clean, take_whole
from gateway.printers import Problem

MOST_IN_FRAME = 262_144
"""Bytes between STX and ETX: a listing of some 5,000 objects. More is noise."""
MOST_IN_LINE = 4_096
"""Bytes of a value or of a line outside frames. More is noise."""


@dataclass(frozen=True, slots=True)
class HostStatus:
    """The three lines of ~HS."""

    communication: int
    """aaa: the interface's settings, as bits."""
    paper_out: bool
    paused: bool
    label_length: int
    """Dots."""
    formats_in_buffer: int
    buffer_full: bool
    diagnostics: bool
    partial_format: bool
    """A format has begun (^XA) and not ended."""
    corrupt_ram: bool
    under_temperature: bool
    over_temperature: bool
    functions: int
    """mmm: media type and other settings, as bits."""
    head_open: bool
    ribbon_out: bool
    thermal_transfer: bool
    print_mode: str
    width_mode: str
    label_waiting: bool
    """A label hangs at the peeler."""
    labels_remaining: int
    """Labels still to come of the batch (^PQ)."""
    format_while_printing: bool
    stored_graphics: int
    static_ram: bool

    @property
    def empty(self) -> bool:
        """True when nothing waits in the printer and nothing is half received."""
        return not (self.formats_in_buffer or self.labels_remaining or self.partial_format)


@dataclass(frozen=True, slots=True)
class HostErrors:
    """~HQES: names of what stops the printer, and of what it warns of."""

    errors: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HostIdentity:
    """~HI."""

    model: str
    firmware: str
    dots_per_mm: int
    memory_kb: int
    options: str


@dataclass(frozen=True, slots=True)
class Variable:
    """The answer to ``! U1 getvar``; ``?`` when the printer does not know the variable."""

    value: str


@dataclass(frozen=True, slots=True)
class Listing:
    """^HW: what is in one of the printer's memories."""

    place: str
    """``R:`` and the like."""
    names: tuple[str, ...]
    free: int | None
    """Bytes."""


@dataclass(frozen=True, slots=True)
class SerialNumber:
    """~HQSN."""

    serial: str


@dataclass(frozen=True, slots=True)
class Noise:
    """Something that is none of the answers."""

    text: str


Answer = HostStatus | HostErrors | HostIdentity | Variable | Listing | SerialNumber | Noise


_STX, _ETX, _QUOTE = 2, 3, 0x22
_BLANK = re.compile(rb"[\0\t\r\n ]+")
_FRAME_ENDS = re.compile(rb"[\x02\x03]")
_VALUE_ENDS = re.compile(rb'[\x02"]')
_LINE_ENDS = re.compile(rb'[\x02"\n]')

_B = rb"([01])"
_N = rb"([0-9]{1,9})"
_FIRST = re.compile(b",".join((_N, _B, _B, _N, _N, _B, _B, _B, rb"[0-9]{3}", _B, _B, _B)))
_SECOND = re.compile(
    b",".join((_N, rb"[0-9]", _B, _B, _B, rb"(\w)", rb"(\w)", _B, _N, rb"([0-9])", _N))
)
_THIRD = re.compile(rb"[^,]{0,16},([01])")
_IDENTITY = re.compile(rb"([^,]{1,200}),([^,]{1,100}),([0-9]{1,2}),([0-9]{1,9}) ?(?:KB)?(?:,(.*))?")
_FLAGS = re.compile(rb"(ERRORS|WARNINGS):\s+([0-9])\s+([0-9A-Fa-f]{8})\s+([0-9A-Fa-f]{8})")
_DIRECTORY = re.compile(rb"-?\s*DIR ([A-Z]:)")
_OBJECT = re.compile(rb"^\*\s*([A-Z]:[^.\r\n]{1,32}\.\w{1,4})\s", re.MULTILINE)
_FREE = re.compile(rb"([0-9]{1,15}) bytes free")
_SERIAL = re.compile(rb"SERIAL NUMBER\s+(\S{1,64})")

_ERRORS = (
    (0x1, "paper_out"),
    (0x2, "ribbon_out"),
    (0x4, "head_open"),
    (0x8, "cutter_fault"),
    (0x10, "head_too_hot"),
    (0x20, "motor_too_hot"),
    (0x40, "head_element_bad"),
    (0x80, "head_not_detected"),
    (0x100, "firmware_settings"),
    (0x200, "thermistor_open"),
    (0x1000, "jam_in_retract"),
    (0x2000, "presenter_stopped"),
    (0x4000, "paper_feed"),
    (0x8000, "path_not_clear"),
    (0x10000, "paused"),
    (0x20000, "retract_timeout"),
    (0x40000, "mark_calibration"),
    (0x80000, "mark_not_found"),
)
"""Bits of the ERRORS line (Zebra, ~HQ and ~WQ: error flags)."""

_WARNINGS = (
    (0x1, "calibration_needed"),
    (0x2, "clean_head"),
    (0x4, "replace_head"),
    (0x8, "paper_near_end"),
)
"""Bits of the WARNINGS line (the same table)."""


class StatusReader:
    """Turns what a printer says into answers; keeps only what is not yet whole."""

    def __init__(self) -> None:
        self._heard = bytearray()
        self._first: re.Match[bytes] | None = None
        self._second: re.Match[bytes] | None = None
        self._errors: tuple[str, ...] | None = None

    def feed(self, heard: bytes) -> list[Answer]:
        """Return the answers that these bytes complete, in order."""
        self._heard += heard
        return take_whole(self._heard, self._take)

    def _take(self, answers: list[Answer]) -> int:
        """Read what stands first; return its bytes, or 0 when it is not whole yet."""
        heard = self._heard
        if blank := _BLANK.match(heard):
            return blank.end()
        if heard[0] == _STX:
            ends, most = _FRAME_ENDS, MOST_IN_FRAME
        elif heard[0] == _QUOTE:
            ends, most = _VALUE_ENDS, MOST_IN_LINE
        else:
            ends, most = _LINE_ENDS, MOST_IN_LINE
        end = ends.search(heard, 1, most)
        if end is None:
            if len(heard) < most:
                return 0
            answers.append(Noise(clean(bytes(heard[:most]))))
            return most
        body = bytes(heard[1 : end.start()])
        if heard[0] == _STX and end[0] == b"\x03":
            self._read_frame(body, answers)
            return end.end()
        if heard[0] == _QUOTE and end[0] == b'"':
            answers.append(Variable(clean(body)))
            return end.end()
        self._read_line(bytes(heard[: end.start()]), answers)
        return end.start()

    def _read_frame(self, body: bytes, answers: list[Answer]) -> None:
        if match := _FIRST.fullmatch(body):
            self._first, self._second = match, None
        elif self._first and (match := _SECOND.fullmatch(body)):
            self._second = match
        elif self._first and self._second and (match := _THIRD.fullmatch(body)):
            answers.append(_status(self._first, self._second, match))
            self._first = self._second = None
        elif match := _IDENTITY.fullmatch(body.strip()):
            model, firmware, dots, memory, options = match.groups(b"")
            answers.append(
                HostIdentity(clean(model), clean(firmware), int(dots), int(memory), clean(options))
            )
        elif match := _DIRECTORY.search(body):
            free = _FREE.search(body)
            names = tuple(clean(name).replace(" ", "").upper() for name in _OBJECT.findall(body))
            answers.append(Listing(match[1].decode(), names, int(free[1]) if free else None))
        elif match := _SERIAL.search(body):
            answers.append(SerialNumber(clean(match[1])))
        elif flags := {kind: _names(kind, value) for kind, _, _, value in _FLAGS.findall(body)}:
            answers.append(HostErrors(flags.get(b"ERRORS", ()), flags.get(b"WARNINGS", ())))
        elif body.strip():
            answers.append(Noise(clean(body)))

    def _read_line(self, line: bytes, answers: list[Answer]) -> None:
        """Read a line outside frames: some firmwares answer ~HQES without STX and ETX."""
        if match := _FLAGS.fullmatch(line.strip()):
            names = _names(match[1], match[4])
            if match[1] == b"ERRORS":
                self._errors = names
            else:
                answers.append(HostErrors(self._errors or (), names))
                self._errors = None
        elif line.strip() != b"PRINTER STATUS":
            answers.append(Noise(clean(line)))


def _names(kind: bytes, value: bytes) -> tuple[str, ...]:
    bits = int(value, 16)
    return tuple(name for bit, name in (_ERRORS if kind == b"ERRORS" else _WARNINGS) if bits & bit)


def _status(first: re.Match[bytes], second: re.Match[bytes], third: re.Match[bytes]) -> HostStatus:
    a = first.groups()
    b = second.groups()
    return HostStatus(
        communication=int(a[0]),
        paper_out=a[1] == b"1",
        paused=a[2] == b"1",
        label_length=int(a[3]),
        formats_in_buffer=int(a[4]),
        buffer_full=a[5] == b"1",
        diagnostics=a[6] == b"1",
        partial_format=a[7] == b"1",
        corrupt_ram=a[8] == b"1",
        under_temperature=a[9] == b"1",
        over_temperature=a[10] == b"1",
        functions=int(b[0]),
        head_open=b[1] == b"1",
        ribbon_out=b[2] == b"1",
        thermal_transfer=b[3] == b"1",
        print_mode=b[4].decode(),
        width_mode=b[5].decode(),
        label_waiting=b[6] == b"1",
        labels_remaining=int(b[7]),
        format_while_printing=b[8] != b"0",
        stored_graphics=int(b[9]),
        static_ram=third[1] == b"1",
    )


# --- words for people --------------------------------------------------------------------------


def troubles(answer: HostStatus | HostErrors) -> tuple[Problem, ...]:
    """Return what stops or worries the printer, most urgent first.

    >>> [problem.sentence for problem in troubles(HostErrors(("head_open",), ("clean_head",)))]
    ['The lid is open.', 'The print head needs cleaning.']
    """
    if isinstance(answer, HostErrors):
        return tuple(PROBLEMS[kind] for kind in (*answer.errors, *answer.warnings))
    flags = (
        (answer.head_open, "head_open"),
        (answer.paper_out, "paper_out"),
        (answer.ribbon_out, "ribbon_out"),
        (answer.paused, "paused"),
        (answer.over_temperature, "head_too_hot"),
        (answer.label_waiting, "label_waiting"),
        (answer.corrupt_ram, "memory_lost"),
        (answer.under_temperature, "head_too_cold"),
    )
    return tuple(PROBLEMS[kind] for raised, kind in flags if raised)
