r"""A virtual printer: a server on a loopback port, a tray of paper, and switches for faults.

>>> import socket
>>> with VirtualPrinter("demo", speed_mm_s=0, width_mm=50, height_mm=25) as printer:
...     with socket.create_connection(("127.0.0.1", printer.port)) as host:
...         host.sendall(b"^XA^FO20,20^BY2^BCN,60,N,N,N,A^FDSN-000123^FS^XZ")
...     printer.wait_printed(1, timeout=10)
...     [code.text for code in printer.codes(1)]
True
['SN-000123']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from importlib import import_module
from inspect import signature
from pathlib import Path
from types import TracebackType
from typing import Protocol

from gateway.drivers.virtual.machine import TRIPS, AdminEvent, Machine, MachineState, Make, Pace
from gateway.drivers.virtual.paper import Paper, Piece, ReadCode
from gateway.drivers.virtual.server import PortServer
from gateway.errors import InputRefused


class Language(Protocol):
    """What a printer language gives: it takes bytes, answers through ``answer``, forgets."""

    answer: Callable[[bytes], None]
    silent_on_error: bool
    """It answers no question about its state while paper, ribbon or head stop it."""

    def feed(self, received: bytes, session: int) -> None:
        """Take bytes from the wire; they end with the session of power in which they came."""

    def lose_power(self) -> None:
        """Forget everything but flash."""


class VirtualPrinter:
    """One printer: start it, send to ``port``, look at ``pieces()``. Safe from any thread."""

    def __init__(
        self,
        name: str = "virtual",
        *,
        language: str = "zpl",
        density: Fraction | int = 8,
        width_mm: float = 100,
        height_mm: float = 50,
        head_mm: float = 104,
        head_dots: int = 0,
        speed_mm_s: float = 152.4,
        rest_s: float = 0.04,
        serial_number: str = "GWV000000001",
        model: str = "GW-VIRTUAL",
        paper: Paper | None = None,
        state_dir: Path | None = None,
        keep_pictures: int = 500,
        odometer_lag: int = 0,
        silent_on_error: bool = False,
        buffer_octets: int = 1024 * 1024,
        buffer_formats: int = 256,
    ) -> None:
        """Make a printer that is switched on but not connected yet.

        With ``state_dir`` paper, odometer and flash outlive the process. The head is ``head_dots``
        wide, or else as wide as the labels and ``head_mm`` at least. ``speed_mm_s=0`` prints at
        once. ``odometer_lag`` labels are forgotten by the odometer when power is lost.

        Raises:
            InputRefused: the language is not one that virtual printers speak.
        """
        speak = speaker_of(language)
        self.name = name
        self._state_dir = state_dir
        if paper is None:
            directory = None if state_dir is None else state_dir / "paper"
            paper = Paper(directory, keep_pictures=keep_pictures)
        self.paper = paper
        self._head_mm = head_mm
        self.machine = Machine(
            paper,
            Make(model=model, serial_number=serial_number, name=name),
            pace=Pace(speed_mm_s, rest_s),
            state_dir=state_dir,
            buffer_octets=buffer_octets,
            buffer_formats=buffer_formats,
            odometer_lag=odometer_lag,
        )
        self.load(density, width_mm, height_mm, head_dots)
        self.language = language
        self._language = speak(self.machine, state_dir, silent_on_error)
        self._server = PortServer(
            self._feed,
            has_room=self.machine.has_room,
            session=lambda: self.machine.session,
            name=name,
        )
        self._language.answer = self._server.answer
        self.machine.on_room = self._server.wake
        self.machine.on_power = self._power_changed
        self._session = self.machine.session

    # Life -------------------------------------------------------------------------------------

    def start(self, port: int = 0) -> int:
        """Listen on the port (0 = any free one) and return it.

        Raises:
            OSError: the port is taken.
        """
        self._server.start(port)
        self.machine.start()
        return self._server.port

    def stop(self) -> None:
        """Close the port and stop the engine."""
        self._server.stop()
        self.machine.stop()

    def __enter__(self) -> VirtualPrinter:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The TCP port."""
        return self._server.port

    @property
    def url(self) -> str:
        """The address as a printer URL."""
        return f"tcp://127.0.0.1:{self._server.port}"

    @property
    def received(self) -> int:
        """Bytes read from the wire since the start."""
        return self._server.received

    # What came out ----------------------------------------------------------------------------

    def pieces(self, after: int = 0) -> list[Piece]:
        """Return the pieces of paper numbered above ``after``."""
        return self.paper.pieces(after)

    def labels(self) -> list[Piece]:
        """Return the whole labels: pieces that are not partial."""
        return [piece for piece in self.paper.pieces() if not piece.partial]

    def png(self, number: int) -> bytes | None:
        """Return a piece's picture."""
        return self.paper.png(number)

    def codes(self, number: int) -> tuple[ReadCode, ...]:
        """Return what a reader decodes on a piece."""
        return self.paper.codes(number)

    def status(self) -> MachineState:
        """Return the machine's state."""
        return self.machine.state()

    @property
    def odometer(self) -> int:
        """Labels as the printer itself counts them."""
        return self.machine.odometer

    def admin_events(self) -> tuple[AdminEvent, ...]:
        """Return what changed the printer rather than printed."""
        return self.machine.admin_events()

    def wait_printed(self, labels: int, *, timeout: float) -> bool:
        """Wait until so many whole labels ever came out."""
        return self.paper.wait_for(labels, timeout)

    def wait_idle(self, *, timeout: float) -> bool:
        """Wait until nothing waits or prints."""
        return self.machine.wait_idle(timeout)

    def wait_printing(self, *, timeout: float) -> bool:
        """Wait until a label is under the head."""
        return self.machine.wait_printing(timeout)

    def load(
        self, density: Fraction | int, width_mm: float, height_mm: float, head_dots: int = 0
    ) -> None:
        """Put labels of this size in, and a head of this density (dots per mm).

        The head is so many dots wide; 0: as wide as the labels, and four inches at least.
        """
        self.machine.load(
            density,
            width=max(1, round(width_mm * density)),
            height=max(1, round(height_mm * density)),
            head_width=head_dots or max(1, round(max(self._head_mm, width_mm) * density)),
        )

    # Faults -----------------------------------------------------------------------------------

    def paper_out(self) -> None:
        """Run out of paper; the label under the head is spoiled."""
        self.machine.paper_out()

    def load_paper(self) -> None:
        """Load paper."""
        self.machine.load_paper()

    def ribbon_out(self) -> None:
        """Run out of ribbon."""
        self.machine.ribbon_out()

    def load_ribbon(self) -> None:
        """Load ribbon."""
        self.machine.load_ribbon()

    def open_head(self) -> None:
        """Open the print head; the label under it is spoiled."""
        self.machine.open_head()

    def close_head(self) -> None:
        """Close the print head."""
        self.machine.close_head()

    def pause(self) -> None:
        """Pause after the label under the head."""
        self.machine.pause()

    def resume(self) -> None:
        """Go on printing."""
        self.machine.resume()

    def power_off(self) -> None:
        """Cut the power: connections are reset, buffers and RAM lost, new connections refused."""
        self.machine.power_off()

    def power_on(self) -> None:
        """Switch on again on the same port."""
        self.machine.power_on()

    def trip(self, fault: str, *, labels: int = 0, at: float = 0.5) -> None:
        """Let a fault of ``TRIPS`` happen after so many more labels, ``at`` a part of the next.

        Raises:
            InputRefused: the fault cannot be told to happen later.
        """
        self.machine.trip(fault, labels=labels, at=at)

    def stall(self, stalled: bool = True) -> None:
        """Stop reading from the wire, or go on."""
        self._server.stall(stalled)

    def mute(self, muted: bool = True) -> None:
        """Read and print but answer nothing, or answer again."""
        self._server.mute(muted)

    def reset_connection_at(self, octets: int) -> None:
        """Reset the connection after the n-th byte from now was read."""
        self._server.reset_at(octets)

    def drop_connection(self) -> None:
        """Reset the connection now."""
        self._server.drop()

    def refuse_connections(self, refused: bool = True) -> None:
        """Refuse connections as a printer that is off, or listen again."""
        self._server.refuse("told to", refused)

    def lose(self, labels: int = 1) -> None:
        """Lie: count the next labels without bringing them out."""
        self.machine.lose(labels)

    def twice(self, labels: int = 1) -> None:
        """Lie: bring the next labels out twice, counted once."""
        self.machine.twice(labels)

    def silence_on_error(self, silent: bool = True) -> None:
        """Answer no question about the state while paper, ribbon or head stop the printer."""
        self._language.silent_on_error = silent

    def do(self, what: str, **arguments: object) -> None:
        """Switch a fault by its name, as the control page and campaigns do.

        Raises:
            InputRefused: there is no such fault, or an argument does not fit it.
        """
        fault = FAULTS.get(what)
        if fault is None:
            raise InputRefused(
                f"There is no fault {what!r}; there are {', '.join(sorted(FAULTS))}.", fault=what
            )
        _check_arguments(what, fault, arguments)
        fault(self, **arguments)

    # Inside -----------------------------------------------------------------------------------

    def _feed(self, received: bytes, session: int) -> None:
        """Take bytes of a connection that began in the given session of power."""
        if session != self._session:
            self._language.lose_power()
            self._session = session
        self._language.feed(received, session)

    def _power_changed(self, powered: bool) -> None:
        self._server.refuse("no power", not powered)


_KINDS: Mapping[str, tuple[tuple[type, ...], str]] = {
    "bool": ((bool,), "true or false"),
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
    "str": ((str,), "a text"),
}
"""What a fault's argument may be, by the annotation of its method."""


def _check_arguments(
    what: str, fault: Callable[..., None], arguments: Mapping[str, object]
) -> None:
    takes = dict(list(signature(fault).parameters.items())[1:])  # without self
    for name, value in arguments.items():
        if name not in takes:
            known = ", ".join(takes) or "nothing"
            raise InputRefused(f"The fault {what!r} has no {name!r}; it takes {known}.", fault=what)
        kinds, spoken = _KINDS[takes[name].annotation]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise InputRefused(
                f"{name!r} of the fault {what!r} must be {spoken}, got {value!r}.", fault=what
            )
    for name, parameter in takes.items():
        if parameter.default is parameter.empty and name not in arguments:
            raise InputRefused(f"The fault {what!r} needs {name!r}.", fault=what)


FAULTS: Mapping[str, Callable[..., None]] = {
    "paper_out": VirtualPrinter.paper_out,
    "load_paper": VirtualPrinter.load_paper,
    "ribbon_out": VirtualPrinter.ribbon_out,
    "load_ribbon": VirtualPrinter.load_ribbon,
    "open_head": VirtualPrinter.open_head,
    "close_head": VirtualPrinter.close_head,
    "pause": VirtualPrinter.pause,
    "resume": VirtualPrinter.resume,
    "power_off": VirtualPrinter.power_off,
    "power_on": VirtualPrinter.power_on,
    "trip": VirtualPrinter.trip,
    "stall": VirtualPrinter.stall,
    "mute": VirtualPrinter.mute,
    "reset_connection_at": VirtualPrinter.reset_connection_at,
    "drop_connection": VirtualPrinter.drop_connection,
    "refuse_connections": VirtualPrinter.refuse_connections,
    "lose": VirtualPrinter.lose,
    "twice": VirtualPrinter.twice,
    "silence_on_error": VirtualPrinter.silence_on_error,
}
"""Faults by name; the arguments are those of the method."""


Speaker = Callable[[Machine, Path | None, bool], Language]
"""``speak(machine, state_dir, silent_on_error)``: a language at work in a machine."""

LANGUAGES: Mapping[str, str] = {
    "zpl": "gateway.drivers.virtual.zpl.interpreter",
    "escpos": "gateway.drivers.virtual.escpos.interpreter",
    "tspl": "gateway.drivers.virtual.tspl.interpreter",
    "epl": "gateway.drivers.virtual.epl.interpreter",
    "cpcl": "gateway.drivers.virtual.cpcl.interpreter",
    "sbpl": "gateway.drivers.virtual.sbpl.interpreter",
    "brother-ql": "gateway.drivers.virtual.brother_ql.interpreter",
    "dpl": "gateway.drivers.virtual.dpl.interpreter",
}
"""The languages virtual printers speak: name to a module with a ``speak``."""


def speaker_of(language: str) -> Speaker:
    """Return how a language is spoken.

    Raises:
        InputRefused: it is not one that virtual printers speak.
    """
    if language not in LANGUAGES:
        raise InputRefused(
            f"Virtual printers speak {', '.join(LANGUAGES)}, not {language!r}.", language=language
        )
    speak: Speaker = import_module(LANGUAGES[language]).speak
    return speak


__all__ = ["FAULTS", "LANGUAGES", "TRIPS", "Language", "Speaker", "VirtualPrinter", "speaker_of"]
