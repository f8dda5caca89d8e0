r"""What a printer says back, byte for byte as documented (ZPL II guide; docs.zebra.com).

>>> from gateway.drivers.virtual.machine import Make
>>> host_identity(Make(model="ZD421", firmware="V93.21.26Z"))
b'\x02ZD421,V93.21.26Z,8,8192KB,X\x03\r\n'
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.drivers.virtual.machine import MachineState, Make
from gateway.drivers.virtual.zpl.memory import RAM_BYTES, Stored

_STX, _ETX = b"\x02", b"\x03"
_COLUMN = 44
"""Width to which printers pad the lines of ~HQ answers."""

ODOMETER = "odometer.total_label_count"


def _frame(text: str) -> bytes:
    return _STX + text.encode("latin-1", "replace") + _ETX + b"\r\n"


def host_status(state: MachineState, *, partial: bool, graphics: int) -> bytes:
    """Return the three strings of ~HS."""
    first = (
        f"030,{state.paper_out:d},{state.paused:d},{min(state.label_length, 9999):04d},"
        f"{min(state.formats_waiting, 999):03d},{state.buffer_full:d},0,{partial:d},000,0,0,0"
    )
    second = (
        f"000,0,{state.head_open:d},{state.ribbon_out:d},0,2,4,0,"
        f"{state.labels_remaining:08d},1,{min(graphics, 999):03d}"
    )
    return _frame(first) + _frame(second) + _frame("1234,0")


def host_identity(make: Make) -> bytes:
    """Return the answer to ~HI: model, firmware, dots per mm, memory, options."""
    return _frame(f"{make.model},{make.firmware},{make.density},{RAM_BYTES // 1024}KB,X")


def host_memory(free: int) -> bytes:
    """Return the answer to ~HM: total, largest and available RAM in kilobytes."""
    total = RAM_BYTES // 1024
    return f"{total:04d},{total:04d},{free // 1024:04d}\r\n".encode()


def host_query(query: str, state: MachineState, make: Make) -> bytes | None:
    """Return the answer to ~HQ with two letters, or None when the printer does not know them."""
    if query == "ES":
        # docs.zebra.com, ^HQ/~WQ: nibble 1 bits 1 media, 2 ribbon, 4 head; nibble 5 bit 1 paused.
        errors = (
            (1 if state.paper_out else 0)
            | (2 if state.ribbon_out else 0)
            | (4 if state.head_open else 0)
            | (0x10000 if state.paused else 0)
        )
        lines = (
            "  PRINTER STATUS",
            f"   ERRORS:         {bool(errors):d} 00000000 {errors:08X}",
            "   WARNINGS:       0 00000000 00000000",
        )
    elif query == "SN":
        lines = ("  SERIAL NUMBER", f"   {make.serial_number}", "")
    elif query == "OD":
        # Inches of paper, too coarse to count labels with.
        inches = int(state.odometer * make.stock_height / make.density / 25.4)
        lines = (
            "  PRINT METERS",
            f'   TOTAL NONRESETTABLE:   {inches:>12} "',
            f'   USER RESETTABLE CNTR1: {inches:>12} "',
        )
    else:
        return None
    text = "".join(f"{line:<{_COLUMN}}\r\n" for line in lines if line)
    return _STX + b"\r\n\r\n" + text.encode("latin-1", "replace") + _ETX + b"\r\n"


def directory(pattern: str, found: Sequence[Stored], free: int) -> bytes:
    """Return the listing of ^HW in the layout a ZD230 (V89.21.46Z) sends."""
    device = pattern[0]
    lines = [f"- DIR {pattern} "]
    lines += [f"* {stored.name}{stored.size:>10}          " for stored in found]
    kind = "RAM" if device == "R" else "ONBOARD FLASH"
    lines += ["", f"- {free:>9} bytes free {device}: {kind} "]
    return _STX + ("\r\n" + "\r\n".join(lines) + "\r\n").encode("latin-1", "replace") + _ETX


def variable(name: str, state: MachineState, make: Make) -> bytes:
    """Return a Set/Get/Do value in quotes, ``"?"`` when there is none of that name."""
    known = {
        ODOMETER: str(state.odometer),
        "odometer.total_print_length": str(
            int(state.odometer * make.stock_height / make.density / 25.4)
        ),
        "device.product_name": make.model,
        "device.friendly_name": make.name,
        "device.unique_id": make.serial_number,
        "appl.name": make.firmware,
        "device.languages": "zpl",
        "device.host_status": "ok",
        "head.resolution.in_dpi": str(int(make.density * 25.4)),
        # Dots, as it was calibrated for the stock (Zebra SGD reference).
        "ezpl.print_width": str(make.stock_width),
        "zpl.label_length": str(state.label_length or make.stock_height),
        "ezpl.media_type": "gap/notch",
        "media.status": "out" if state.paper_out else "ok",
        "head.latch": "open" if state.head_open else "ok",
        "device.pause": "on" if state.paused else "off",
    }
    return f'"{known.get(name, "?")}"'.encode("latin-1", "replace")
