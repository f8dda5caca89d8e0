"""What came over the wire to a printer, and what a second reader makes of it.

    gateway ──Tap──► virtual printer
               └──► the very bytes ──read_zpl, read_escpos──► black dots

The readers here share nothing with what wrote the bytes. They know the commands with which a label
comes as a picture, and refuse every other that would print.
"""

from __future__ import annotations

import re
import socket
import threading
from contextlib import suppress
from typing import Self

from PIL import Image, ImageChops

from gateway.drivers.virtual.printer import VirtualPrinter


class Tap:
    """A line between the gateway and a virtual printer, which keeps what goes to the printer."""

    def __init__(self, language: str, density: int, width_mm: int, height_mm: int) -> None:
        self.printer = VirtualPrinter(
            f"{language}{density}", language=language, density=density, width_mm=width_mm,
            height_mm=height_mm, speed_mm_s=0,
        )  # fmt: skip
        self.sent = bytearray()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._lines: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self.printer.start()
        self._run(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        for line in self._lines:
            _hang_up(line)
        for thread in self._threads:
            thread.join()
        self._server.close()
        for line in self._lines:
            line.close()
        self.printer.stop()

    @property
    def url(self) -> str:
        """What the gateway is told."""
        return f"tcp://127.0.0.1:{self._server.getsockname()[1]}"

    def paper(self) -> Image.Image:
        """Return what the virtual printer made of the only label: black is 0."""
        (piece,) = self.printer.pieces()
        assert piece.unknown == ()
        tile = self.printer.paper.tile(piece.number)
        assert tile is not None
        inked = Image.frombytes("1", (tile.width, tile.height), tile.to_bytes())
        return ImageChops.invert(inked.convert("L"))

    def _run(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                host, _ = self._server.accept()
            except OSError:
                return  # the tap is closed
            device = socket.create_connection(("127.0.0.1", self.printer.port))
            self._lines += [host, device]
            self._run(self._carry, host, device, self.sent)
            self._run(self._carry, device, host, bytearray())

    def _carry(self, source: socket.socket, sink: socket.socket, kept: bytearray) -> None:
        try:
            while block := source.recv(65536):
                kept += block
                sink.sendall(block)
        except OSError:
            pass  # one of them hung up in the middle
        _hang_up(sink)


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):  # the other end was faster
        line.shutdown(socket.SHUT_RDWR)


def read_zpl(sent: bytes) -> Image.Image:
    """Return the dots of the only label in ZPL: black is 0 (ZPL II Programming Guide, ^FO, ^GF)."""
    (label,) = re.findall(rb"\^XA(?:(?!\^XZ).)*\^GF.*?\^XZ", sent, re.DOTALL)
    width, height = (int(re.search(key, label)[1]) for key in (rb"\^PW(\d+)", rb"\^LL(\d+)"))  # type: ignore[index]
    # Nothing else that leaves ink.
    assert not re.search(rb"\^(FD|GB|GC|GD|GE|GS|XG|IM|FR|IL)", label)
    ink = Image.new("1", (width, height))
    fields = re.findall(rb"\^FO(\d+),(\d+)\^GFA,\d+,(\d+),(\d+),([^^]*)\^FS", label)
    assert len(fields) == label.count(b"^GF")
    for field in fields:
        x, y, total, stride = map(int, field[:4])
        dots = _runs(field[4].decode(), stride)
        assert len(dots) == total
        graphic = Image.frombytes("1", (8 * stride, total // stride), dots)
        ink.paste(1, (x, y), graphic)
    return ImageChops.invert(ink.convert("L"))


def _runs(text: str, stride: int) -> bytes:
    """Read ZPL's compressed hexadecimal digits, sign by sign (same guide, Alternative Data
    Compression Scheme)."""
    rows: list[str] = []
    row, times = "", 0
    for sign in text:
        if sign == ":":
            rows.append(rows[-1])
        elif sign in ",!":
            rows.append(row.ljust(2 * stride, "0" if sign == "," else "F"))
            row = ""
        elif "G" <= sign <= "Y":
            times += ord(sign) - ord("F")
        elif "g" <= sign <= "z":
            times += 20 * (ord(sign) - ord("f"))
        else:
            row += sign * (times or 1)
            times = 0
        if len(row) == 2 * stride:
            rows.append(row)
            row = ""
    assert row == ""
    return bytes.fromhex("".join(rows))


def read_escpos(sent: bytes, width: int, height: int) -> Image.Image:
    """Return the dots of the only label in ESC/POS: black is 0 (Epson ESC/POS Command Reference,
    GS v 0, GS L)."""
    ink = Image.new("1", (width, height))
    left = y = 0
    at = sent.rindex(b"\x1b@", 0, sent.index(b"\x1dv0\0")) + 2
    while at < len(sent):
        command = sent[at : at + 2]
        if command == b"\x1dv" and sent[at + 2 : at + 4] == b"0\0":
            across, down = _word(sent, at + 4), _word(sent, at + 6)
            dots = bytes(sent[at + 8 : at + 8 + across * down])
            ink.paste(1, (left, y), Image.frombytes("1", (8 * across, down), dots))
            at, y = at + 8 + across * down, y + down
        elif command == b"\x1dL":
            left, at = _word(sent, at + 2), at + 4
        elif command in (b"\x1dV", b"\x1bd"):
            break  # it is cut, or fed to where it is torn off
        else:
            raise AssertionError(f"{bytes(sent[at : at + 20])!r} at {at} is not understood")
    return ImageChops.invert(ink.convert("L"))


def _word(sent: bytes | bytearray, at: int) -> int:
    return sent[at] + 256 * sent[at + 1]
