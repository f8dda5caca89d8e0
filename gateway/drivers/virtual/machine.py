"""The printer as a machine, whatever language it speaks: paper, head, engine, counters, faults.

An interpreter hands over a ``Run`` (a drawn format and how many pieces of it); the engine, a thread
of its own, moves the paper as fast as a real one and drops each piece on the tray. The odometer
counts labels that came out whole. Power-off ends whatever was waiting and leaves a partial piece.

>>> from gateway.drivers.virtual.canvas import solid
>>> machine = Machine(Paper(), Make(), pace=Pace(speed_mm_s=0))
>>> machine.start()
>>> machine.submit(Run(draw=lambda copy: solid(80, 40), quantity=3))
>>> machine.wait_idle(5), machine.odometer
(True, 3)
>>> machine.stop()
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from gateway.drivers.virtual.canvas import Tile
from gateway.drivers.virtual.paper import Paper, write_safely
from gateway.errors import InputRefused

log = logging.getLogger(__name__)

_MOST_LAG_S = 0.05
"""Seconds that drawing and keeping one label may take without the paper standing still."""

_LOOKS_FOR_ROOM_S = 0.5
"""Seconds between two tries to keep a piece on a full disk."""

TRIPS = ("paper_out", "ribbon_out", "open_head", "pause", "power_off")
"""Faults that can be told to happen by themselves after a number of labels."""


@dataclass(frozen=True, slots=True)
class Make:
    """What the printer says it is, and the stock in it."""

    model: str = "GW-VIRTUAL"
    firmware: str = "V1.0.0Z"
    serial_number: str = "GWV000000001"
    name: str = "virtual"
    density: Fraction | int = 8
    """Dots per millimetre of the head, exact: 180 dpi are 900/127."""
    stock_width: int = 812
    """Width of the labels in dots."""
    stock_height: int = 812
    head_width: int = 832
    """Dots across the head: nothing prints beyond."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast paper moves: 152.4 mm/s is six inches a second, a usual setting."""

    speed_mm_s: float = 152.4
    """0 prints at once."""
    rest_s: float = 0.04
    """Time a label takes besides its length: start, stop, gap."""

    def seconds(self, dots: int, density: Fraction | int) -> float:
        """Return the time for one label of so many dots."""
        if self.speed_mm_s <= 0:
            return 0.0
        return float(dots / density) / self.speed_mm_s + self.rest_s


@dataclass(frozen=True, slots=True)
class Run:
    """A format ready to print."""

    draw: Callable[[int], Tile]
    """The picture of the n-th piece, from 0."""
    quantity: int = 1
    octets: int = 0
    """Bytes it occupies in the receive buffer until it is printed."""
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    pause_every: int = 0
    """Pause after so many pieces; 0 = never."""
    reprint: bool = True
    """Whether a label spoiled by paper, ribbon or head is printed again (ZPL ^JZ)."""
    on_piece: Callable[[int], None] | None = None
    """Called when the n-th piece starts."""
    on_printed: Callable[[int], None] | None = None
    """Called when the n-th piece is out whole, and with the printer's counter already moved."""


@dataclass(frozen=True, slots=True)
class MachineState:
    """One consistent look at the machine."""

    powered: bool
    paused: bool
    paper_out: bool
    ribbon_out: bool
    head_open: bool
    formats_waiting: int
    """Formats received and not started."""
    labels_remaining: int
    """Pieces of the format being printed that have not come out."""
    odometer: int
    buffer_full: bool
    label_length: int
    """Length of the last label in dots."""

    @property
    def halted(self) -> bool:
        """Whether paper, ribbon or head stop it."""
        return self.paper_out or self.ribbon_out or self.head_open

    @property
    def idle(self) -> bool:
        """Whether nothing waits or prints."""
        return not self.formats_waiting and not self.labels_remaining


@dataclass(slots=True)
class _Trip:
    """A fault that waits for a number of labels."""

    fault: str
    labels: int
    at: float


@dataclass(slots=True)
class _Job:
    run: Run
    done: int = 0


@dataclass(slots=True)
class _Lies:
    lose: int = 0
    twice: int = 0


@dataclass(frozen=True, slots=True)
class AdminEvent:
    """Something that changed the printer rather than printed: a hostile label would show here."""

    what: str
    at_piece: int = field(compare=False, default=0)


class Machine:
    """The hardware. All methods are safe from any thread."""

    def __init__(
        self,
        paper: Paper,
        make: Make,
        *,
        pace: Pace | None = None,
        state_dir: Path | None = None,
        buffer_octets: int = 1024 * 1024,
        buffer_formats: int = 256,
        odometer_lag: int = 0,
    ) -> None:
        self.paper = paper
        self.make = make
        self.pace = pace or Pace()
        self._counters = None if state_dir is None else state_dir / "counters.json"
        self._buffer_octets = buffer_octets
        self._buffer_formats = buffer_formats
        self._odometer_lag = odometer_lag
        self._changed = threading.Condition(threading.RLock())
        self._powered = True
        self._paused = False
        self._paper_out = False
        self._ribbon_out = False
        self._head_open = False
        self._waiting: deque[_Job] = deque()
        self._current: _Job | None = None
        self._length = make.stock_height
        self._odometer = 0
        self._since_power_on = 0
        self._trips: list[_Trip] = []
        self._lies = _Lies()
        self._admin: list[AdminEvent] = []
        self._session = 0
        self._under_head = False
        self._stopping = False
        self._engine: threading.Thread | None = None
        self.on_power: Callable[[bool], None] = lambda powered: None
        """Called with the machine's lock held when power goes or comes."""
        self.on_room: Callable[[], None] = lambda: None
        """Called when the receive buffer may have room again."""
        if self._counters is not None:
            self._counters.parent.mkdir(parents=True, exist_ok=True)
            if self._counters.exists():
                self._odometer = int(json.loads(self._counters.read_text("utf-8"))["odometer"])

    # Life -------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the engine."""
        self._stopping = False
        self._engine = threading.Thread(
            target=self._turn, name=f"engine of {self.make.name}", daemon=True
        )
        self._engine.start()

    def stop(self) -> None:
        """Stop the engine where it is; what waits is forgotten, no piece is dropped."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._engine is not None:
            self._engine.join()
            self._engine = None

    # What an interpreter uses -----------------------------------------------------------------

    def submit(self, run: Run, session: int | None = None) -> None:
        """Queue a format for the engine, unless the power went since ``session``."""
        with self._changed:
            if self._powered and session in (None, self._session):
                self._waiting.append(_Job(run))
                self._changed.notify_all()

    def queued(self) -> tuple[Run, ...]:
        """Return the formats that wait for the engine, in order."""
        with self._changed:
            return tuple(job.run for job in self._waiting)

    def has_room(self) -> bool:
        """Return whether the receive buffer takes more: if not, a server stops reading."""
        with self._changed:
            return self._has_room()

    def state(self) -> MachineState:
        """Return one consistent look at the machine."""
        with self._changed:
            current = self._current
            return MachineState(
                powered=self._powered,
                paused=self._paused,
                paper_out=self._paper_out,
                ribbon_out=self._ribbon_out,
                head_open=self._head_open,
                formats_waiting=len(self._waiting),
                labels_remaining=0 if current is None else current.run.quantity - current.done,
                odometer=self._odometer,
                buffer_full=not self._has_room(),
                label_length=self._length,
            )

    @property
    def odometer(self) -> int:
        """Labels counted by the printer itself."""
        with self._changed:
            return self._odometer

    @property
    def session(self) -> int:
        """Counts power-ons."""
        return self._session

    def cancel_all(self) -> None:
        """Forget every format that waits; the label under the head comes out (ZPL ~JA)."""
        with self._changed:
            self._waiting.clear()
            if (job := self._current) is not None:
                job.run = replace(job.run, quantity=job.done + 1)
            self._changed.notify_all()
        self.on_room()

    def note_admin(self, what: str) -> None:
        """Record something that changed the printer."""
        with self._changed:
            self._admin.append(AdminEvent(what, self.paper.count))

    def admin_events(self) -> tuple[AdminEvent, ...]:
        """Return what changed the printer, in order."""
        with self._changed:
            return tuple(self._admin)

    # Faults -----------------------------------------------------------------------------------

    def paper_out(self) -> None:
        """Run out of paper now: the label under the head is spoiled."""
        self._set(paper_out=True)

    def load_paper(self) -> None:
        """Load paper; a spoiled label is printed again if its format says so."""
        self._set(paper_out=False)

    def ribbon_out(self) -> None:
        """Run out of ribbon now."""
        self._set(ribbon_out=True)

    def load_ribbon(self) -> None:
        """Load ribbon."""
        self._set(ribbon_out=False)

    def open_head(self) -> None:
        """Open the head now: the label under it is spoiled."""
        self._set(head_open=True)

    def close_head(self) -> None:
        """Close the head."""
        self._set(head_open=False)

    def pause(self) -> None:
        """Pause after the label under the head."""
        self._set(paused=True)

    def resume(self) -> None:
        """Go on."""
        self._set(paused=False)

    def power_off(self) -> None:
        """Cut the power: buffers and RAM are gone, the label under the head stays partial."""
        with self._changed:
            if not self._powered:
                return
            self._cut_power()
            # The engine must have dropped its partial piece before anybody counts the paper.
            self._changed.wait_for(lambda: not self._under_head or self._stopping, timeout=10)

    def power_on(self) -> None:
        """Switch on again; not paused, whatever was before."""
        with self._changed:
            if self._powered:
                return
            self._powered = True
            self._paused = False
            self._changed.notify_all()
            self.on_power(True)

    def trip(self, fault: str, *, labels: int = 0, at: float = 0.5) -> None:
        """Let a fault happen by itself after so many more labels, ``at`` a part of the next one.

        Raises:
            InputRefused: ``fault`` is none of ``TRIPS``.
        """
        if fault not in TRIPS:
            raise InputRefused(
                f"{fault!r} cannot be told to happen later; one of {', '.join(TRIPS)} can.",
                fault=fault,
            )
        with self._changed:
            self._trips.append(_Trip(fault, labels, at))

    def load(self, density: Fraction | int, width: int, height: int, head_width: int) -> None:
        """Put labels of another size in, and a head of another density; sizes are dots."""
        with self._changed:
            self.make = replace(
                self.make,
                density=density,
                stock_width=width,
                stock_height=height,
                head_width=head_width,
            )
            self._length = height

    def lose(self, labels: int = 1) -> None:
        """Lie: count the next labels without bringing them out."""
        with self._changed:
            self._lies.lose += labels

    def twice(self, labels: int = 1) -> None:
        """Lie: bring the next labels out twice, counted once."""
        with self._changed:
            self._lies.twice += labels

    def wait_idle(self, timeout: float) -> bool:
        """Wait until nothing waits or prints; return whether that came in time."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._waiting and self._current is None, timeout
            )

    def wait_printing(self, timeout: float) -> bool:
        """Wait until a label is under the head."""
        with self._changed:
            return self._changed.wait_for(lambda: self._current is not None, timeout)

    # The engine -------------------------------------------------------------------------------

    def _turn(self) -> None:
        free_at = time.monotonic()
        while True:
            with self._changed:
                stood_still = not self._ready()
                self._changed.wait_for(lambda: self._stopping or self._ready())
                if self._stopping:
                    return
                if self._current is None:
                    self._current = self._waiting.popleft()
                    self._changed.notify_all()
                job = self._current
                session = self._session
                self._under_head = True
            tile = job.run.draw(job.done)
            if job.run.on_piece is not None:
                job.run.on_piece(job.done)
            now = time.monotonic()
            # Back to back labels start when the one before ended: drawing does not slow the paper.
            begins = now if stood_still else max(free_at, now - _MOST_LAG_S)
            free_at = self._print(job, tile, session, begins)

    def _ready(self) -> bool:
        return (
            self._powered
            and not self._paused
            and not self._halted()
            and (self._current is not None or bool(self._waiting))
        )

    def _print(self, job: _Job, tile: Tile, session: int, begins: float) -> float:
        """Print one piece; return when the engine is free again (monotonic seconds)."""
        takes = self.pace.seconds(tile.height, self.make.density)
        printed, number = None, job.done
        ends = begins + takes

        def broken() -> bool:
            return self._stopping or self._session != session or self._halted()

        with self._changed:
            self._length = tile.height
            trip = self._due_trip()
            stops = ends if trip is None else begins + takes * trip.at
            while not broken() and (left := stops - time.monotonic()) > 0:
                self._changed.wait(left)
            progress = min(1.0, (time.monotonic() - begins) / takes) if takes > 0 else 0.0
            if trip is not None and not broken():
                progress = trip.at
                self._trips.remove(trip)
                self._happen(trip.fault)
            self._under_head = False
            if self._stopping:
                self._current = None
            elif broken():
                self._spoil(job, tile, progress, lost=self._session != session)
                ends = time.monotonic()
            else:
                self._drop(job, tile)
                printed = job.run.on_printed if job.done > number else None
        if printed is not None:
            printed(number)
        self.on_room()
        return ends

    def _happen(self, fault: str) -> None:
        match fault:
            case "paper_out":
                self._paper_out = True
            case "ribbon_out":
                self._ribbon_out = True
            case "open_head":
                self._head_open = True
            case "pause":
                self._paused = True
            case _:
                self._cut_power()

    def _cut_power(self) -> None:
        self._powered = False
        self._waiting.clear()
        if not self._under_head:
            self._current = None
        self._session += 1
        self._odometer -= min(self._odometer_lag, self._since_power_on)
        self._since_power_on = 0
        self._write_counters()
        self._changed.notify_all()
        self.on_power(False)

    def _spoil(self, job: _Job, tile: Tile, progress: float, *, lost: bool) -> None:
        rows = int(tile.height * progress)
        if rows > 0:
            self._keep(job, tile.crop_top(rows), partial=True)
        if lost:
            self._current = None
        elif not job.run.reprint:
            job.done += 1
            if job.done >= job.run.quantity:
                self._current = None
        self._changed.notify_all()

    def _drop(self, job: _Job, tile: Tile) -> None:
        copies = 1
        if self._lies.lose:
            self._lies.lose -= 1
            copies = 0
        elif self._lies.twice:
            self._lies.twice -= 1
            copies = 2
        for _ in range(copies):
            if not self._keep(job, tile):
                return
        self._odometer += 1
        self._since_power_on += 1
        self._write_counters()
        for trip in self._trips:
            trip.labels -= 1
        job.done += 1
        if job.run.pause_every and job.done % job.run.pause_every == 0:
            self._paused = job.done < job.run.quantity or self._paused
        if job.done >= job.run.quantity:
            self._current = None
        self._changed.notify_all()

    def _keep(self, job: _Job, tile: Tile, *, partial: bool = False) -> bool:
        """Bring a piece out; return False when the printer was stopped before there was room.

        A full disk is a full tray: the piece waits in the slot, and so does everything behind it.
        """
        told = False
        while True:
            try:
                self.paper.keep(tile, partial=partial, unknown=job.run.unknown, notes=job.run.notes)
            except OSError as error:
                if self._stopping:
                    return False
                if not told:
                    log.error(  # noqa: TRY400 - the sentence says it all
                        "a virtual printer waits until there is room for its paper",
                        extra={"printer": self.make.name, "reason": str(error)},
                    )
                    told = True
                self._changed.wait(_LOOKS_FOR_ROOM_S)
            else:
                return True

    def _due_trip(self) -> _Trip | None:
        return next((trip for trip in self._trips if trip.labels <= 0), None)

    def _halted(self) -> bool:
        return self._paper_out or self._ribbon_out or self._head_open

    def _has_room(self) -> bool:
        held = sum(job.run.octets for job in self._waiting)
        return held < self._buffer_octets and len(self._waiting) < self._buffer_formats

    def _write_counters(self) -> None:
        if self._counters is None:
            return
        try:
            write_safely(self._counters, json.dumps({"odometer": self._odometer}))
        except OSError as error:
            # The count in memory goes on, and is written with the next label.
            log.error(  # noqa: TRY400 - the sentence says it all
                "a virtual printer could not write its counter",
                extra={"printer": self.make.name, "reason": str(error)},
            )

    def _set(self, **flags: bool) -> None:
        with self._changed:
            for name, value in flags.items():
                setattr(self, f"_{name}", value)
            self._changed.notify_all()
        self.on_room()
