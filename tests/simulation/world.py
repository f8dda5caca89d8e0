"""A printer, a wire, a clock and a killer, all in one thread: the pipe's own small universe.

Everything random comes from one seed, so a failing run is replayed by its number. The ledger is the
real one, on a real database; only time, the device and death are simulated.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.drivers.evidence.conversation import Greeting, Report
from gateway.drivers.languages.page import Page, Stored
from gateway.drivers.transports.wire import Manners, Wire
from gateway.errors import DeliveryUncertain, DeviceUnreachable
from gateway.jobs import Proof
from gateway.ledger import Opening, Piece, Step
from gateway.printers import Printer, PrinterStatus, Problem
from gateway.printing import Press
from gateway.store.jobs import JobStore

PAPER_OUT = Problem("paper_out", "Paper is out.", "Load labels.")
TOKEN = re.compile(rb"([SMLR])([A-Za-z0-9]+);")


class Killed(BaseException):
    """SIGKILL: nothing after this point happened."""


@dataclass
class SimPrinter:
    """Reads bytes, takes time, prints, forgets without power."""

    clock: Callable[[], float]
    seconds_a_label: float = 0.2
    coy: int = 0
    """1: it says it has nothing to do while its last label still moves under the head."""
    lag: int = 0
    """Labels the counter may forget when power is lost."""
    luck: random.Random = field(default_factory=lambda: random.Random(0))
    on: bool = True
    paper: bool = True
    mute: bool = False
    counter: int = 1000
    queue: list[int] = field(default_factory=list)
    memory: set[str] = field(default_factory=set)
    buffer: bytes = b""
    printed: list[int] = field(default_factory=list)
    without_static_ink: list[int] = field(default_factory=list)
    partial: list[int] = field(default_factory=list)
    line: SimWire | None = None
    head_free_at: float = 0.0
    idle_head_for: float = 0.0
    power_losses: int = 0
    needs: Callable[[int], str] = str
    """The stored ink a label recalls."""
    splits: bool = False
    """A label that the paper ended in goes on with the new roll, and is reported all the same."""
    split: set[int] = field(default_factory=set)
    deaf: bool = False
    """Some reports get lost on the way, as on a serial line without flow control."""
    reports: dict[int, list[tuple[SimWire, int]]] = field(default_factory=dict)
    """Label in the queue -> who is told when it is printed, and by which number."""
    late: list[tuple[float, bytes]] = field(default_factory=list)
    """Bytes of a dead connection that the network still carries."""

    def take(self, data: bytes) -> None:
        self.run()
        self.absorb(data)

    def absorb(self, data: bytes) -> None:
        self.buffer += data
        while match := TOKEN.match(self.buffer):
            self.buffer = self.buffer[match.end() :]
            kind, name = match[1], match[2].decode()
            if kind == b"L":
                if not self.queue:
                    self.idle_head_for += max(0.0, self.clock() - self.head_free_at)
                    self.head_free_at = max(self.head_free_at, self.clock())
                self.queue.append(int(name))
                self.reports[int(name)] = []
                if self.needs(int(name)) not in self.memory:
                    self.without_static_ink.append(int(name))
            elif kind == b"R":
                # Behind its label in the stream: reported when that label is printed.
                if self.queue and self.line is not None:
                    self.reports[self.queue[-1]].append((self.line, int(name)))
                elif self.line is not None:
                    self.line.reported.add(int(name))
            else:
                self.memory.add(name)

    def run(self) -> None:
        """Print what time allowed since the last call."""
        now = self.clock()
        while self.late and self.late[0][0] <= now:
            _, data = self.late.pop(0)
            if self.on:
                self.absorb(data)
        while self.on and self.paper and self.queue:
            done = self.head_free_at + self.seconds_a_label
            if done > now:
                return
            key = self.queue.pop(0)
            (self.partial if key in self.split else self.printed).append(key)
            self.counter += 1
            for line, ordinal in self.reports.pop(key, ()):
                if not (self.deaf and self.luck.random() < 0.3):
                    line.reported.add(ordinal)  # nobody hears it on a line that broke
            self.head_free_at = done

    def power_off(self) -> None:
        self.run()
        if not self.on:
            return
        self.on = False
        self.power_losses += 1
        if self.queue:
            self.partial.append(self.queue[0])
        self.queue.clear()
        self.memory.clear()
        self.buffer = b""
        self.counter -= min(self.luck.randint(0, self.lag), len(self.printed))
        if self.line is None or not self.line.slow:
            self.late.clear()  # a line without a connection carries on
        if self.line is not None and not self.line.serial:
            self.line.dead = True

    def power_on(self) -> None:
        self.on = True
        self.head_free_at = self.clock()

    def load_paper(self) -> None:
        self.paper = True
        self.head_free_at = self.clock()

    def run_out(self) -> None:
        self.run()
        self.paper = False
        if self.splits and self.queue:
            self.split.add(self.queue[0])


class SimWire:
    """One connection. ``budget`` bytes until it breaks, if it does."""

    def __init__(self, printer: SimPrinter, budget: int | None, serial: bool) -> None:
        self.printer, self.budget, self.dead = printer, budget, False
        self.serial = serial
        """A serial line does not notice that the printer lost its power."""
        self.kill_after: int | None = None
        self.slow = 0.0
        """Seconds a label is on the line: it arrives, or not, long after it was written."""
        self.in_flight = 0
        """Bytes the write that failed may have sent, as an upper bound."""
        self.reported: set[int] = set()

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
        self.check()
        data = bytes(payload)
        if self.slow:
            return self._crawl(data)
        if not self.printer.on:
            return len(data)  # a serial line to nobody
        if self.kill_after is not None and len(data) >= self.kill_after:
            cut = data[: self.kill_after]
            whole = cut.rfind(b";") + 1
            if self.printer.luck.random() < 0.5 and not self.printer.buffer:
                # What the kernel had taken whole arrives when its owner is long dead.
                arrives = self.printer.clock() + self.printer.luck.uniform(0, 0.15)
                self.printer.late.append((arrives, cut[:whole]))
            else:
                self.printer.take(cut)
            raise Killed
        if self.budget is not None:
            if len(data) >= self.budget:
                self.printer.take(data[: self.budget])
                self.dead = True
                self.in_flight = self.budget + 7
                self.check()
            self.budget -= len(data)
        self.printer.take(data)
        return len(data)

    def _crawl(self, data: bytes) -> int:
        """Put whole tokens on a slow line; a kill leaves behind what was on it."""
        dies = self.kill_after is not None and len(data) >= self.kill_after
        self.printer.run()
        for token in data[: self.kill_after if dies else None].split(b";")[:-1]:
            last = self.printer.late[-1][0] if self.printer.late else self.printer.clock()
            takes = self.slow if token.startswith(b"L") else 0.0
            self.printer.late.append((last + takes, token + b";"))
        self.printer.run()
        if dies:
            raise Killed
        return len(data)

    def read(self, timeout: float) -> bytes:
        self.check()
        return b""

    def check(self) -> None:
        if self.dead:
            raise DeliveryUncertain("The connection broke.", in_flight=self.in_flight)

    def close(self) -> None:
        self.dead = True


class SimConversation:
    def __init__(self, wire: SimWire, proof: Proof = Proof.COUNTER) -> None:
        self.wire, self.proof = wire, proof
        self.sealed = 0

    def greet(self) -> Greeting | None:
        self.wire.check()
        silent = self.wire.printer.mute or not self.wire.printer.on
        return None if silent else Greeting(self.proof, {"model": "SIM"})

    def clear(self) -> None:
        self.wire.check()
        self.wire.printer.buffer = b""

    def flush(self) -> bool:
        self.wire.check()
        printer = self.wire.printer
        if self.proof in (Proof.PRINT_END, Proof.FENCE):
            return False  # such printers have no command for it
        if printer.queue:
            printer.partial.append(printer.queue[0])
        printer.queue.clear()
        return True

    def seal(self, body: bytes) -> bytes:
        if self.proof not in (Proof.PRINT_END, Proof.FENCE):
            return body
        self.sealed += 1
        return body + f"R{self.sealed};".encode()

    def plant(self, marker: str) -> None:
        if self.proof in (Proof.PRINT_END, Proof.FENCE):
            return
        self.wire.write(f"M{marker};".encode(), 1)

    def look(self, marker: str | None) -> Report:
        self.wire.check()
        printer = self.wire.printer
        printer.run()
        if printer.mute or not printer.on or (self.wire.slow and printer.late):
            return Report(False)  # on a slow line the answer comes behind what was sent before
        empty = len(printer.queue) <= printer.coy and not printer.buffer
        reported = 0
        while reported + 1 in self.wire.reported:
            reported += 1
        counter = {
            Proof.COUNTER: printer.counter,
            Proof.PRINT_END: reported,
            Proof.FENCE: reported,
        }
        return Report(
            True,
            counter.get(self.proof),
            quiet=empty and printer.paper,
            empty=empty,
            marker=None if marker is None else marker in printer.memory,
            problems=() if printer.paper else (PAPER_OUT,),
        )


class DeadlyLedger:
    """The real ledger, and a knife: dies just before or just after a commit."""

    def __init__(self, store: JobStore, world: World) -> None:
        self.store, self.world = store, world

    def unsettled(self, printer: int) -> list[Piece]:
        return self.store.unsettled(printer)

    def waiting(self, printer: int, limit: int) -> list[Piece]:
        return self.store.waiting(printer, limit)

    def hold_back(self, job: int, because: str) -> None:
        self.store.hold_back(job, because)

    def learn(self, printer: int, told: Mapping[str, str]) -> None:
        self.store.learn(printer, told)

    def learned(self, printer: int) -> Mapping[str, str]:
        return self.store.learned(printer)

    def keep_open(self, printer: int, opening: Opening) -> None:
        self.store.keep_open(printer, opening)

    def withdrawn(self, keys: Sequence[int]) -> bool:
        return self.store.withdrawn(keys)

    def record(self, printer: int, steps: Sequence[Step]) -> frozenset[int]:
        if self.world.death == "before commit":
            raise Killed
        refused = self.store.record(printer, steps)
        if self.world.death == "after commit":
            raise Killed
        return refused


class World:
    """One printer, one press, one clock; a press may die and another take its place."""

    def __init__(
        self,
        store: JobStore,
        printer: Printer,
        luck: random.Random,
        *,
        silent: bool = False,
        may_lose: bool = False,
        slow: float = 0.0,
    ) -> None:
        self.manners = Manners(may_lose=may_lose, outlives_power=slow > 0)
        self.slow = slow
        self.settings = replace(printer, evidence="none") if silent else printer
        self.store, self.luck = store, luck
        self.now = 0.0
        self.death: str | None = None
        self.budget: int | None = None
        self.proof = Proof.COUNTER
        self.serial = False
        self.jobs: dict[int, int] = {}
        self.device = SimPrinter(lambda: self.now, luck=luck)
        self.device.needs = lambda key: f"INK{self.jobs[key]}"
        self.statuses: list[PrinterStatus] = []
        self.kills = 0
        self.press = self._new_press()

    def _new_press(self) -> Press:
        return Press(
            self.settings,
            DeadlyLedger(self.store, self),
            open_wire=self._open,
            converse=self._converse,
            draw=self._draw,
            report=lambda _, status: self.statuses.append(status),
            manners=self.manners,
            clock=lambda: self.now,
            wall=lambda: int(self.now * 1e6),
            token=lambda: f"{self.luck.getrandbits(24):06X}",
        )

    def _converse(self, wire: Wire) -> SimConversation:
        assert isinstance(wire, SimWire)
        return SimConversation(wire, self.proof)

    def _open(self, url: str) -> SimWire:
        if not self.device.on and not self.serial:
            raise DeviceUnreachable("The printer is off.")
        if self.device.line is not None:
            self.device.line.dead = True
        wire = SimWire(self.device, self.budget, self.serial)
        wire.slow = self.slow
        self.budget = None
        if self.death == "while writing":
            wire.kill_after = self.luck.randint(0, 40)
        self.device.line = wire
        return wire

    def _draw(self, piece: Piece, printer: Printer) -> Page:
        ink = f"INK{piece.ticket.job}"
        self.jobs[piece.key] = piece.ticket.job
        static = Stored(ink, f"S{ink};".encode(), b"")
        return Page(f"L{piece.key:08d};".encode(), (static,))

    def turn(self) -> None:
        """Let the press take one turn and time pass until its next."""
        try:
            pause = self.press.turn()
        except Killed:
            self.kill()
            pause = 0.0
        self.now += max(0.001, min(pause if pause is not None else 0.5, 0.5))
        self.device.run()

    def kill(self) -> None:
        """SIGKILL the press; the kernel closes its connection; another daemon starts."""
        self.kills += 1
        self.death = None
        if self.device.line is not None:
            self.device.line.dead = True
        self.now += self.luck.choice([0.0, self.luck.uniform(0, 1)])
        self.press = self._new_press()
