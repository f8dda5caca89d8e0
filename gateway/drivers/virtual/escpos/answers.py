r"""What an ESC/POS printer says back, bit for bit as documented.

Epson ESC/POS Command Reference: DLE EOT, GS a (automatic status back), GS r, GS I, GS ( H. The
fixed bits tell the kinds apart: DLE EOT ``0**1**10``, first byte of an automatic status
``0**1**00``, its other bytes, GS r and GS I ``0**0****``.

>>> from gateway.drivers.virtual.machine import Machine, Make
>>> from gateway.drivers.virtual.paper import Paper
>>> machine = Machine(Paper(), Make())
>>> real_time(1, machine.state()), automatic(machine.state())
(b'\x12', b'\x10\x00\x00\x0f')
>>> machine.open_head()
>>> real_time(2, machine.state())
b'\x16'
"""

from __future__ import annotations

from gateway.drivers.virtual.machine import MachineState, Make

PROCESS_ID = b"\x37\x22"
"""Header and identifier of the answer to GS ( H function 48."""
CLEARED = b"\x37\x25\0"
"""The answer to DLE DC4 function 8."""


def offline(state: MachineState) -> bool:
    """Return whether the printer takes no work from its buffer."""
    return state.halted or state.paused


def real_time(kind: int, state: MachineState) -> bytes:
    """Return the answer to DLE EOT 1 to 4; nothing for other kinds."""
    bits = 0x12
    match kind:
        case 1:
            bits |= 0x08 if offline(state) else 0
        case 2:
            bits |= (0x04 if state.head_open else 0) | (0x20 if state.paper_out else 0)
            bits |= 0x40 if state.ribbon_out else 0
        case 3:
            bits |= 0x20 if state.ribbon_out else 0
        case 4:
            bits |= 0x6C if state.paper_out else 0
        case _:
            return b""
    return bytes([bits])


def automatic(state: MachineState) -> bytes:
    """Return the four bytes of the automatic status."""
    first = 0x10 | (0x08 if offline(state) else 0) | (0x20 if state.head_open else 0)
    second = 0x20 if state.ribbon_out else 0
    third = 0x0F if state.paper_out else 0
    return bytes([first, second, third, 0x0F])


def paper_sensor(state: MachineState) -> bytes:
    """Return the answer to GS r 1."""
    return b"\x0c" if state.paper_out else b"\0"


def identity(kind: int, make: Make) -> bytes | None:
    """Return the answer to GS I, or None for a kind that is not known."""
    if kind in (1, 49):
        return b"\x20"
    if kind in (2, 50):
        return b"\x02"
    if kind in (3, 51):
        return b"\x01"
    texts = {65: make.firmware, 66: "GATEWAY", 67: make.model, 68: make.serial_number, 69: ""}
    if (text := texts.get(kind)) is None:
        return None
    return b"_" + text.encode("ascii", "replace") + b"\0"
