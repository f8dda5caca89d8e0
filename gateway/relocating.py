"""A gateway moves to another computer: out of the old one, into the new one, or not after all.

    out ──► at rest ──► fenced, durably ──► sealed ──► one file with everything
    in  ──► a fresh gateway checks the file ──► starts anew with it
    stay ──► what waited goes on hold ──► the fence is gone ──► starts anew

The order is what keeps a label from being printed twice: the old gateway is fenced off before the
file exists, so whatever the file says waits has not been printed by it, and never will be.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import shutil
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from gateway.errors import DiskFull, GatewayError, NotNow, TooLarge, TransitionRefused
from gateway.store.daemons import Membership
from gateway.store.dialect import Place, Server
from gateway.store.engine import FREE_FLOOR, Database, Transaction, now
from gateway.store.feed import tell
from gateway.store.fence import Fence, lift_fence, raise_fence, read_fence, sync_folder
from gateway.store.jobs import JobStore
from gateway.store.printers import PrinterStore
from gateway.store.removal import (
    ARRIVED,
    FOLDER,
    WITHDRAWN,
    Mark,
    check_arrived,
    check_fresh,
    note,
    noted,
    pack,
    packed,
    unpack,
)
from gateway.works import Progress, Stopped

log = logging.getLogger(__name__)

ANEW_AFTER = 1.5
"""Seconds until the gateway starts anew: whoever asked for it is answered first."""

ANEW = "This gateway starts anew with the file that came; send the request again in a moment."

DOUBT = "The gateway was moved to another computer while it was on its way, and came back."


class Relocation:
    """Everything about moving one gateway."""

    def __init__(
        self,
        database: Database,
        place: Place,
        folder: Path,
        jobs: JobStore,
        printers: PrinterStore,
        here: Membership,
        zone: Callable[[], str],
        rest: Callable[[str], None],
    ) -> None:
        """``rest`` stops whatever prints, scans, tells others or changes something by itself; its
        sentence is what the printers then say of themselves."""
        self.folder, self.place = folder, place
        self._database, self._jobs, self._printers, self._here = database, jobs, printers, here
        self._zone, self._rest = zone, rest
        self.fence = read_fence(folder)
        self.anew: Callable[[], None] | None = None
        """Ends this gateway so that it is started anew; None where nobody would do that."""
        self.beginning = False
        """It is about to start anew."""
        self._arriving = threading.Lock()
        self._at_it = threading.Lock()
        """Held by whoever moves out, stays or takes in: one of them at a time."""

    # ------------------------------------------------------------ how it stands

    def sentence(self) -> str | None:
        """Return why nothing is taken here any more; None while all is as ever."""
        return None if self.fence is None else self.fence.sentence(self._zone())

    def file(self) -> Path | None:
        """Return the file that shall be brought to the new computer."""
        return None if self.fence is None else packed(self.folder)

    def withdrawn(self) -> list[str]:
        """Return the tokens of the moves that did not happen."""
        return list(noted(self._database, WITHDRAWN) or ())

    def must_be_possible(self) -> None:
        """Check that this gateway's data are its own, in a file.

        Raises:
            NotNow: they are on a server.
        """
        if isinstance(self.place, Server):
            raise NotNow(
                "This gateway's data are on a database server, so there is nothing to carry: "
                "install label-gateway on the new computer with the same GATEWAY_DATABASE, and "
                "take the printers over there with label-gateway printers take."
            )

    # ------------------------------------------------------------ out

    def move_out(self, actor: str, progress: Progress) -> str:
        """Fence this gateway off and write the file; return what came of it.

        Once it is fenced off that stays, whatever becomes of the file; it can be made again.

        Raises:
            NotNow: its data are on a server.
            StoreError, DiskFull: the fence or the file could not be written.
            Stopped: somebody wants it to stop.
        """
        self.must_be_possible()
        self._must_have_room()
        with self._alone():
            if self.beginning:
                raise TransitionRefused("This gateway starts anew just now; ask again in a moment.")
            if self.fence is None:
                progress.tell(0, 0, "The printers let go of what they hold.")
                self._fence_off(actor)
            assert self.fence is not None
            # Also when it was broken off before: nothing may change while it is copied, or after.
            self._database.seal(self.fence.sentence(self._zone()))
            return self._pack(self.fence, progress)

    def _pack(self, fence: Fence, progress: Progress) -> str:
        try:
            file = pack(
                self.place, self.folder, fence,
                lambda done, of: progress.tell(done, of, "Everything is being copied."),
            )  # fmt: skip
        except Stopped:
            raise Stopped(
                "The file was not made. The gateway is fenced off all the same: make the file "
                "again, or say that the move did not happen."
            ) from None
        size = file.stat().st_size / 1e6
        return f"The file {file.name} is ready ({size:.1f} MB). This gateway is fenced off now."

    def _fence_off(self, actor: str) -> None:
        fence = Fence(secrets.token_hex(16), now(), actor)
        sentence = fence.sentence(self._zone())
        self._rest(sentence)
        try:
            raise_fence(self.folder, fence)
        except GatewayError:
            self.begin_anew()  # as if nothing had been
            raise
        self.fence = fence
        body: dict[str, object] = {"by": actor}
        self._database.run(lambda t: tell(t, now(), "gateway.moved", "gateway", actor, body))
        log.warning("the gateway was moved to another computer", extra={"actor": actor})

    def _must_have_room(self) -> None:
        size = self.place.stat().st_size if isinstance(self.place, Path) else 0
        free = shutil.disk_usage(self.folder).free
        if free < size + FREE_FLOOR:
            raise DiskFull(
                f"The disk of {self.folder} has {free >> 20} MB left, and the file needs "
                f"{size >> 20} MB beside the {FREE_FLOOR >> 20} MB that are kept free; free some "
                "space first. Nothing was moved.",
                free=free,
            )

    # ------------------------------------------------------------ not after all

    def stay(self, actor: str) -> tuple[int, int]:
        """Lift the fence: the move did not happen. Return labels on hold and labels in doubt.

        Nobody can know that the file is not used elsewhere after all. So nothing prints here by
        itself of what it holds: what waited is on hold, what was on its way is a question.

        Raises:
            TransitionRefused: the gateway was not moved.
            StoreError, DiskFull: it could not be written.
        """
        with self._alone():
            fence = self.fence
            if fence is None or self.beginning:
                raise TransitionRefused(
                    "This gateway was not moved; there is nothing to take back."
                )
            return self._stay(fence, actor)

    def _stay(self, fence: Fence, actor: str) -> tuple[int, int]:
        gone = self.withdrawn()

        def work(t: Transaction) -> tuple[int, int]:
            waiting = t.execute("SELECT seq FROM job WHERE queued > 0 AND ended_at IS NULL")
            held = sum(self._jobs.hold(t, job, actor) for (job,) in waiting.fetchall())
            doubted = sum(
                self._jobs.doubt(t, printer.id, DOUBT, actor) for printer in self._printers.all()
            )
            note(t, WITHDRAWN, [*gone, fence.token])
            body: dict[str, object] = {"by": actor, "held": held, "doubted": doubted}
            tell(t, now(), "gateway.stayed", "gateway", actor, body)
            return held, doubted

        self._database.unseal()
        try:
            held = self._database.run(work)
        finally:
            self._database.seal(fence.sentence(self._zone()))  # until it starts anew
        unpack(self.folder)
        lift_fence(self.folder)
        self.begin_anew()
        return held

    # ------------------------------------------------------------ in

    def must_be_fresh(self) -> None:
        """Check that a file may be taken in here.

        Raises:
            InUse: there is something that it would bury.
            TransitionRefused: this gateway was moved away, or is about to start anew.
        """
        if self.fence is not None or self.beginning:
            raise TransitionRefused(
                "This gateway was moved away itself, or starts anew just now; take the file in on "
                "a new one."
            )
        check_fresh(self._database)

    def why_not_fresh(self) -> str | None:
        """Return why no file is taken in here; None when one would be."""
        try:
            self.must_be_fresh()
        except GatewayError as error:
            return error.detail
        return None

    async def receive(self, pieces: AsyncIterator[bytes], length: int | None) -> Path:
        """Write what is sent to the disk, as it comes; return the file.

        Raises:
            InUse, TransitionRefused: there is something here that it would bury.
            NotNow: another file comes in just now.
            TooLarge, DiskFull: there is no room for it.
        """
        self.must_be_fresh()
        away = self.folder / FOLDER
        away.mkdir(mode=0o700, exist_ok=True)
        # Twice: it is copied once more when it becomes the database.
        room = (shutil.disk_usage(away).free - FREE_FLOOR) // 2
        _must_fit(length or 0, room)
        if not self._arriving.acquire(blocking=False):
            raise NotNow("Another file is coming in just now; wait until it is there.")
        file, written = away / "arriving.db", 0
        try:
            file.unlink(missing_ok=True)
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
            opened = os.open(file, flags, 0o600)
            with os.fdopen(opened, "wb") as out:
                async for piece in pieces:
                    written += len(piece)
                    _must_fit(written, room)
                    out.write(piece)
                out.flush()
                os.fsync(out.fileno())
        except BaseException as error:
            file.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise DiskFull(
                    f"The file could not be written to {away} ({error.strerror or error}); free "
                    "some space and send it again."
                ) from error
            raise
        finally:
            self._arriving.release()
        return file

    def take_in(self, file: Path, progress: Progress) -> str:
        """Check the file that came and let the gateway start anew with it; return a sentence.

        Raises:
            StoreError: it is damaged, no database of ours, or from a newer program.
            InUse, TransitionRefused: there is something here that it would bury.
            Stopped: somebody wants it to stop.
        """
        try:
            with self._alone():
                progress.tell(0, 0, "The file is being checked, page by page.")
                mark = check_arrived(file)
                progress.tell(0, 0, "The file is whole.")
                self.must_be_fresh()
                # What would be accepted from here on would be buried.
                self._rest(ANEW)
                try:
                    self._database.seal(ANEW)
                    file.replace(file.with_name(ARRIVED))
                    sync_folder(file.parent)
                finally:
                    self.begin_anew()  # with the file, or else as it was
        finally:
            file.unlink(missing_ok=True)
        return _arrival(mark)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._at_it.acquire(blocking=False):
            raise NotNow("A move of this gateway is under way already; wait until it has ended.")
        try:
            yield
        finally:
            self._at_it.release()

    # ------------------------------------------------------------ anew

    def begin_anew(self) -> None:
        """Let the gateway end and start again in a moment."""
        self.beginning = True
        if self.anew is not None:
            again = threading.Timer(ANEW_AFTER, self.anew)
            again.daemon = True
            again.start()


def _arrival(mark: Mark | None) -> str:
    if mark is None:
        return (
            "The backup is whole. The gateway starts anew with it; labels that waited then are on "
            "hold, for they may have been printed since."
        )
    return (
        f"The file of {mark.host} is whole. The gateway starts anew with it and goes on where that "
        "one stopped."
    )


def _must_fit(size: int, room: int) -> None:
    if size > room:
        raise TooLarge(
            f"The file has {size >> 20} MB or more, and there is room for {max(0, room) >> 20} MB "
            "here (it is needed twice for a moment); free some space and send it again.",
            limit=max(0, room),
        )
