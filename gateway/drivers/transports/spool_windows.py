"""Queues of the Windows spooler, in RAW mode: past the driver, to the printer as it is."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import Any

from gateway.drivers.transports.spool import AHEAD, wait_until
from gateway.errors import DeliveryUncertain, DeviceError, DeviceUnreachable

_INVALID_PRINTER_NAME = 1801
"""ERROR_INVALID_PRINTER_NAME, winerror.h."""

_V4 = 4
"""The version of drivers that are all XPS: they take no RAW, but XPS_PASS in its place (Microsoft
knowledge base 2779300)."""


def queue_names() -> list[str]:
    """Return the names of this computer's queues, local ones and connections to shared ones.

    Raises:
        DeviceUnreachable: the spooler does not tell.
    """
    import pywintypes
    import win32print

    flags = win32print.PRINTER_ENUM_LOCAL | win32print.PRINTER_ENUM_CONNECTIONS
    try:
        return [found["pPrinterName"] for found in win32print.EnumPrinters(flags, None, 4)]
    except pywintypes.error as error:
        raise DeviceUnreachable(
            f"The Windows spooler does not tell its queues ({_words(error)}); see that the service "
            "'Print Spooler' runs."
        ) from error


class WindowsQueue:
    """A queue of this computer's spooler, local or a connection to a shared one."""

    def __init__(self, queue: str) -> None:
        """Open the queue.

        Raises:
            DeviceUnreachable: there is none of that name, or it is paused or offline.
        """
        import pywintypes
        import win32print

        self._spooler: Any = win32print
        self._fault: type[Exception] = pywintypes.error
        self._queue = queue
        self._waiting: deque[int] = deque()
        """Numbers of our documents that may still be in the queue, oldest first."""
        try:
            self._handle: Any = win32print.OpenPrinter(queue)
        except self._fault as error:
            raise self._not_opened(error) from error
        try:
            self._datatype = self._datatype_of_driver()
            self.check()
        except DeviceError:
            self.close()
            raise

    def check(self) -> None:
        """Return when a document would now be handed on.

        Raises:
            DeviceUnreachable: it would not, and why.
        """
        spooler = self._spooler
        about = self._about()
        offline = about["Attributes"] & spooler.PRINTER_ATTRIBUTE_WORK_OFFLINE
        for stopped, what, cure in (
            (about["Status"] & spooler.PRINTER_STATUS_PAUSED, "paused", "resume it"),
            (about["Status"] & spooler.PRINTER_STATUS_OFFLINE, "offline", "switch the printer on"),
            (offline, "set to work offline", "clear 'Use Printer Offline'"),
        ):
            if stopped:
                raise DeviceUnreachable(
                    f"The print queue {self._queue!r} is {what}; {cure} in the window of its "
                    "queue in Windows.",
                    queue=self._queue,
                    reason="stopped",
                )

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
        """Return how many of the bytes were taken: all, as one document, or none.

        Raises:
            DeliveryUncertain: the spooler failed after it had begun to take the document.
            DeviceUnreachable: it did not begin.
        """
        if not payload or not wait_until(self._has_room, timeout):
            return 0
        spooler, handle = self._spooler, self._handle
        try:
            number = spooler.StartDocPrinter(handle, 1, ("label", None, self._datatype))
        except self._fault as error:
            raise self._broken(error) from error
        try:
            spooler.StartPagePrinter(handle)
            left = bytes(payload)
            while left:
                taken = spooler.WritePrinter(handle, left)
                if taken <= 0:
                    raise self._uncertain("it takes no more", number)
                left = left[taken:]
            spooler.EndPagePrinter(handle)
            spooler.EndDocPrinter(handle)
        except self._fault as error:
            raise self._uncertain(_words(error), number) from error
        self._waiting.append(number)
        return len(payload)

    def read(self, timeout: float) -> bytes:
        """Return nothing: a queue never answers. It notices when nothing can be printed there.

        Raises:
            DeviceUnreachable: nothing can; what was taken before is not in doubt by that.
        """
        self.check()
        return b""

    def close(self) -> None:
        """Let the queue go; what it has taken still prints."""
        handle, self._handle = self._handle, None
        if handle is not None:
            try:
                self._spooler.ClosePrinter(handle)
            except self._fault:
                return  # the spooler has stopped: there is nothing to let go of

    def _about(self) -> Any:
        try:
            return self._spooler.GetPrinter(self._handle, 2)
        except self._fault as error:
            raise self._broken(error) from error

    def _datatype_of_driver(self) -> str:
        name = self._about()["pDriverName"]
        try:
            drivers = self._spooler.EnumPrinterDrivers(None, None, 2)
        except self._fault:
            return "RAW"
        xps = any(driver["Name"] == name and driver["Version"] >= _V4 for driver in drivers)
        return "XPS_PASS" if xps else "RAW"

    def _has_room(self) -> bool:
        """Return whether few enough of our documents wait in the queue."""
        spooler = self._spooler
        done = spooler.JOB_STATUS_PRINTED | spooler.JOB_STATUS_DELETED | spooler.JOB_STATUS_COMPLETE
        while len(self._waiting) >= AHEAD:
            try:
                job = spooler.GetJob(self._handle, self._waiting[0], 1)
            except self._fault:
                job = None  # it has left the queue
            if job is not None and not job["Status"] & done:
                return False
            self._waiting.popleft()
        return True

    def _not_opened(self, error: Exception) -> DeviceUnreachable:
        if getattr(error, "winerror", 0) != _INVALID_PRINTER_NAME:
            return self._broken(error)
        spooler = self._spooler
        flags = spooler.PRINTER_ENUM_LOCAL | spooler.PRINTER_ENUM_CONNECTIONS
        try:
            names = [found["pPrinterName"] for found in spooler.EnumPrinters(flags, None, 4)]
        except self._fault:
            names = []
        there = f"there are {', '.join(names[:20])}" if names else "there is none"
        return DeviceUnreachable(
            f"There is no print queue {self._queue!r} on this computer; {there}.",
            queue=self._queue,
            queues=names,
        )

    def _broken(self, error: Exception) -> DeviceUnreachable:
        return DeviceUnreachable(
            f"The Windows spooler does not take labels for the queue {self._queue!r} "
            f"({_words(error)}); see that the service 'Print Spooler' runs, and that the gateway's "
            "user may print.",
            queue=self._queue,
        )

    def _uncertain(self, why: str, number: int) -> DeliveryUncertain:
        """Take the document back as far as Windows still can, and say that nobody can tell."""
        with suppress(self._fault):  # what is uncertain stays so
            self._spooler.AbortPrinter(self._handle)
        return DeliveryUncertain(
            f"The Windows spooler broke off a label for the queue {self._queue!r} ({why}); look "
            "whether it came out.",
            queue=self._queue,
            job=number,
        )


def _words(error: Exception) -> str:
    return str(getattr(error, "strerror", "") or error).strip(". \r\n")[:120]
