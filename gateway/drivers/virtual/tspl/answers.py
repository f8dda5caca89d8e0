"""What a TSPL printer answers (TSPL/TSPL2 Programming Manual, <ESC>!?, <ESC>!S and ~!F)."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.drivers.virtual.machine import MachineState


def short_status(state: MachineState) -> bytes:
    """Return the one byte of <ESC>!?: head 1, jam 2, paper 4, ribbon 8, pause 10, printing 20."""
    return bytes(
        [
            state.head_open
            | state.paper_out << 2
            | state.ribbon_out << 3
            | state.paused << 4
            | (not state.idle) << 5
        ]
    )


def long_status(state: MachineState) -> bytes:
    """Return the eight bytes of <ESC>!S: STX, message, warning, two of errors, ETX CR LF."""
    if state.halted:
        message = "E"
    elif state.paused:
        message = "`"
    else:
        message = "@" if state.idle else "P"
    warning = 0x40 | (8 if state.buffer_full else 0)
    errors = 0x40 | state.paper_out | state.ribbon_out << 2 | state.head_open << 5
    return b"\x02%c%c@%c\x03\r\n" % (message.encode(), warning, errors)


def file_list(names: Iterable[str]) -> bytes:
    """Return the names of the files in memory, each ended by CR, the list by SUB."""
    return b"".join(name.encode("latin-1", "replace") + b"\r" for name in names) + b"\x1a"
