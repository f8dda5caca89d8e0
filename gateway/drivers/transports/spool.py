"""Print queues of an operating system: CUPS on Linux and macOS, the spooler on Windows.

>>> check_url("spool://Zebra%20ZD421"), check_url("spool://Server/zebra")
('spool://Zebra%20ZD421', 'spool://server:631/zebra')

``spool://QUEUE`` is a queue of this computer, ``spool://HOST/QUEUE`` one that a CUPS server offers.
A queue takes documents and never lets an answer through: its labels end at ``sent``.

**What a count means.** A wire is a stream and a queue takes documents, so one ``write`` is one
document, taken whole or not at all; no label is ever split. At most ``AHEAD`` documents wait in the
queue, so that a queue that stands still does not swallow a job that is then cancelled in vain.
"""

from __future__ import annotations

import http.client
import logging
import re
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

import gateway.drivers.transports.ipp as ipp
from gateway.devices.network import check_host, connect
from gateway.drivers.transports.wire import Manners, Wire
from gateway.errors import (
    DeliveryUncertain,
    DeviceBusy,
    DeviceError,
    DeviceUnreachable,
    PrinterRefused,
)

log = logging.getLogger(__name__)

MANNERS = Manners(answers=False)
"""A spooler sends documents and brings nothing back."""

AHEAD = 2
"""Documents that may wait in the queue: one that prints, and the next."""

CONNECT_WITHIN = 2.0
"""Seconds."""

ANSWERS_WITHIN = 10.0
"""Seconds a server may take to say whether it has a document; after that nobody can tell. It is the
only wait that is longer than a write is told to wait: a document cannot be half taken."""

NAP = 0.05
"""Seconds between looks whether a document has left the queue."""

RAW = "application/vnd.cups-raw"
"""The document format that CUPS hands to the printer as it is, past any driver of the queue; as
``application/octet-stream`` a driver would print the commands as text."""

IPP_PORT = 631
LARGEST_ANSWER = 1_000_000
"""Bytes of an answer that are read; CUPS describes a queue in about 10,000."""

SOCKETS: Final = ("/run/cups/cups.sock", "/private/var/run/cupsd", "/var/run/cups/cups.sock")
"""Where CUPS listens for programs of its own computer (Debian; macOS; others)."""

_URL = re.compile(
    r"spool://(?:(?P<host>\[[0-9a-f:.]+\]|[^/?#@:\[\]]+)(?::(?P<port>[0-9]{1,5}))?/)?"
    r"(?P<queue>[^/?#@:]+)/?",
    re.IGNORECASE,
)


def check_url(url: str) -> str:
    """Return the URL as ``spool://queue`` or ``spool://host:port/queue``.

    Raises:
        PrinterRefused: it names no queue, or a server that cannot be one.
    """
    host, port, queue = _parse(url)
    name = quote(queue, safe="")
    if not host:
        return f"spool://{name}"
    return f"spool://{f'[{host}]' if ':' in host else host}:{port}/{name}"


def _parse(url: str) -> tuple[str, int, str]:
    match = _URL.fullmatch(url)
    queue = unquote(match["queue"]) if match else ""
    if match is None or not queue.isprintable() or "/" in queue or len(queue) > 220:
        raise PrinterRefused(
            f"{url[:200]!r} does not name a print queue; write it as spool://QUEUE, or as "
            "spool://server/QUEUE for one of another computer.",
            url=url,
        )
    host = (match["host"] or "").lower().strip("[]")
    port = int(match["port"] or IPP_PORT)
    if host:
        loopback = check_host(host, url)
        if port != IPP_PORT and not (loopback and 0 < port < 65536):
            raise PrinterRefused(
                f"Port {port} is not where print servers listen; leave it out, or write "
                f"{IPP_PORT}.",
                url=url,
                port=port,
            )
    return host, port, queue


def open_wire(url: str) -> Wire:
    """Return a wire to the queue, which is there, takes documents as they are, and is not stopped.

    Raises:
        DeviceUnreachable: there is no such spooler or queue, it is stopped, or not for raw data.
    """
    host, port, queue = _parse(url)
    if not host and sys.platform == "win32":
        from gateway.drivers.transports.spool_windows import WindowsQueue

        return WindowsQueue(queue)
    wire = CupsQueue(_Server(host, port, url), queue)
    try:
        wire.check()
    except DeviceError:
        wire.close()
        raise
    return wire


@dataclass(frozen=True, slots=True)
class Queue:
    """A print queue of this computer. Its words are cleaned, and not to be trusted."""

    name: str
    url: str
    model: str = ""
    """What CUPS was told that the printer is."""


def list_queues() -> list[Queue]:
    """Return the print queues of this computer, by name; none where no spooler runs.

    Raises:
        DeviceUnreachable: the spooler does not let this program ask.
    """
    if sys.platform == "win32":
        from gateway.drivers.transports.spool_windows import queue_names

        found = [(name, "") for name in queue_names()]
    else:
        found = _ask_for_queues()
    return [
        Queue(_clean(name), f"spool://{quote(name, safe='')}", _clean(model))
        for name, model in sorted(found)
        if _URL.fullmatch(f"spool://{quote(name, safe='')}")
    ]


def _ask_for_queues() -> list[tuple[str, str]]:
    wanted = [
        (ipp.KEYWORD, "requested-attributes", name)
        for name in ("printer-name", "printer-make-and-model")
    ]
    server = _Server("", IPP_PORT, "spool://")
    try:
        answer = server.ask("/", ipp.request(ipp.CUPS_GET_PRINTERS, wanted))
    except _Interrupted:
        return []
    finally:
        server.close()
    groups = answer.every(ipp.PRINTER_GROUP)
    return [
        (str(name), str(group.get("printer-make-and-model", ("",))[0]))
        for group in groups
        for name in group.get("printer-name", ())
    ]


class _Interrupted(Exception):
    """The conversation with the server broke; ``sent`` tells whether some of a request had left."""

    def __init__(self, cause: Exception, *, sent: bool) -> None:
        super().__init__(str(cause))
        self.cause, self.sent = cause, sent


class _Server(http.client.HTTPConnection):
    """A CUPS server, by network or by the socket of this computer."""

    def __init__(self, host: str, port: int, url: str) -> None:
        super().__init__(host or "localhost", port, timeout=ANSWERS_WITHIN)
        self.shown = f"the print server {host}" if host else "this computer"
        self._local, self._url = not host, url

    def connect(self) -> None:
        """Connect as the host of the URL may be reached."""
        if not self._local or not self._connect_here():
            host = "127.0.0.1" if self._local else self.host
            self.sock = connect(host, self.port, self._url, CONNECT_WITHIN)
        self.sock.settimeout(ANSWERS_WITHIN)

    def _connect_here(self) -> bool:
        for path in SOCKETS:
            if hasattr(socket, "AF_UNIX") and Path(path).exists():
                here = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                try:
                    here.settimeout(CONNECT_WITHIN)
                    here.connect(path)
                except OSError:
                    here.close()
                else:
                    self.sock = here
                    return True
        return False

    def ask(self, path: str, body: bytes) -> ipp.Answer:
        """Return the answer to one request.

        Raises:
            _Interrupted: there is none; afterwards the next request makes a new connection.
            DeviceUnreachable: the server refuses to speak IPP with this program.
        """
        sent = False
        try:
            if self.sock is None:
                self.connect()
            sent = True
            self.request("POST", path, body, {"Content-Type": "application/ipp"})
            response = self.getresponse()
            read = response.read(LARGEST_ANSWER)
            status = response.status
            if not response.isclosed():
                self.close()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise _Interrupted(error, sent=sent) from error
        if status != http.client.OK:
            self.close()
            raise DeviceUnreachable(
                f"{_begin(self.shown)} does not let the gateway print (HTTP {status}); allow it "
                "without a password and without encryption, for CUPS in cupsd.conf.",
                status=status,
            )
        try:
            return ipp.read_answer(read)
        except ValueError as error:
            self.close()
            raise _Interrupted(error, sent=sent) from error


def _begin(words: str) -> str:
    return words[0].upper() + words[1:]


# RFC 8011, 5.4.12 (printer-state) and 5.3.7 (job-state).
_PRINTER_STOPPED = 5
_JOB_CANCELED, _JOB_ABORTED = 7, 8
_ENDED = (_JOB_CANCELED, _JOB_ABORTED, 9)


class CupsQueue:
    """A queue of a CUPS server."""

    def __init__(self, server: _Server, queue: str) -> None:
        self._server, self._queue = server, queue
        self._path = f"/printers/{quote(queue, safe='')}"
        self._target = (ipp.URI, "printer-uri", f"ipp://localhost{self._path}")
        self._waiting: deque[int] = deque()
        """Numbers of our documents that may still be in the queue, oldest first."""

    def check(self) -> None:
        """Return when a document would now be taken and handed on as it is.

        Raises:
            DeviceUnreachable: it would not, and why.
        """
        wanted = (
            "printer-state", "printer-state-message", "printer-is-accepting-jobs",
            "document-format-supported",
        )  # fmt: skip
        answer = self._ask(
            ipp.GET_PRINTER_ATTRIBUTES,
            [(ipp.KEYWORD, "requested-attributes", name) for name in wanted],
        )
        if not answer.succeeded:
            raise self._refused(answer)
        queue = answer.first(ipp.PRINTER_GROUP)
        name, where = self._queue, self._server.shown
        if RAW not in queue.get("document-format-supported", (RAW,)):
            raise DeviceUnreachable(
                f"The print queue {name!r} on {where} takes no raw data and would print the "
                f"commands as text; make one that does, for CUPS with 'lpadmin -p {name} -m raw'.",
                queue=name,
                reason="not raw",
            )
        if queue.get("printer-is-accepting-jobs") == (False,):
            raise DeviceUnreachable(
                f"The print queue {name!r} on {where} takes no jobs; let it take them again with "
                f"'cupsaccept {name}'.",
                queue=name,
                reason="rejecting",
            )
        if queue.get("printer-state") == (_PRINTER_STOPPED,):
            why = _shown(queue.get("printer-state-message", ("",))[0])
            raise DeviceUnreachable(
                f"The print queue {name!r} on {where} is stopped{why}; let it go on with "
                f"'cupsenable {name}'.",
                queue=name,
                reason="stopped",
            )

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
        """Return how many of the bytes were taken: all, as one document, or none.

        Raises:
            DeliveryUncertain: the server was told and did not answer.
            DeviceError: it has not taken the document.
        """
        if not payload or not wait_until(self._has_room, timeout):
            return 0
        body = ipp.request(
            ipp.PRINT_JOB,
            [
                self._target,
                (ipp.NAME, "requesting-user-name", "label-gateway"),
                (ipp.NAME, "job-name", "label"),
                (ipp.MEDIA_TYPE, "document-format", RAW),
            ],
            # A queue's own banner page would be printed as text.
            [(ipp.NAME, "job-sheets", "none")],
            payload,
        )
        # A connection of its own: one that ended unnoticed would leave the label in doubt.
        self._server.close()
        try:
            answer = self._server.ask(self._path, body)
        except _Interrupted as broken:
            if not broken.sent:
                raise self._unreachable(broken) from broken
            raise DeliveryUncertain(
                f"{_begin(self._server.shown)} did not say whether it took the label for the "
                f"queue {self._queue!r} ({broken}); look whether it came out.",
                queue=self._queue,
            ) from broken
        if not answer.succeeded:
            raise self._refused(answer)
        number = answer.first(ipp.JOB_GROUP).get("job-id", (0,))[0]
        if isinstance(number, int) and number > 0:
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
        self._server.close()

    def _has_room(self) -> bool:
        """Return whether few enough of our documents wait there."""
        while len(self._waiting) >= AHEAD:
            number = self._waiting[0]
            answer = self._ask(
                ipp.GET_JOB_ATTRIBUTES,
                [
                    (ipp.INTEGER, "job-id", number),
                    (ipp.KEYWORD, "requested-attributes", "job-state"),
                ],
            )
            state = answer.first(ipp.JOB_GROUP).get("job-state", (None,))[0]
            if answer.status != ipp.NOT_FOUND and state not in _ENDED:
                return False
            if state in (_JOB_CANCELED, _JOB_ABORTED):
                log.warning(
                    "print job %d of the queue %s was canceled or aborted", number, self._queue
                )
            self._waiting.popleft()
        return True

    def _ask(self, operation: int, attributes: Iterable[ipp.Attribute]) -> ipp.Answer:
        """Return the answer to a question, which is asked twice where a connection had ended."""
        body = ipp.request(operation, [self._target, *attributes])
        fresh = self._server.sock is None
        try:
            return self._server.ask(self._path, body)
        except _Interrupted as broken:
            if fresh:
                raise self._unreachable(broken) from broken
        try:
            return self._server.ask(self._path, body)
        except _Interrupted as broken:
            raise self._unreachable(broken) from broken

    def _unreachable(self, broken: _Interrupted) -> DeviceUnreachable:
        cause = broken.cause
        because = getattr(cause, "strerror", None) or str(cause) or "no answer"
        return DeviceUnreachable(
            f"No print spooler answers on {self._server.shown} ({because}); start CUPS there, and "
            "let it listen to this computer.",
            queue=self._queue,
        )

    def _refused(self, answer: ipp.Answer) -> DeviceError:
        name, where = self._queue, self._server.shown
        facts: dict[str, object] = {"queue": name, "status": answer.status}
        if answer.status == ipp.NOT_FOUND:
            names = self._queues()
            there = f"there are {', '.join(names)}" if names else "there is none"
            return DeviceUnreachable(
                f"There is no print queue {name!r} on {where}; {there}.", **facts, queues=names
            )
        words = f": {answer.message}" if answer.message else ""
        return DeviceBusy(
            f"The print queue {name!r} on {where} did not take the label (IPP status "
            f"{answer.status:04X}{words}); nothing of it was printed.",
            **facts,
        )

    def _queues(self) -> list[str]:
        wanted = [(ipp.KEYWORD, "requested-attributes", "printer-name")]
        with suppress(DeviceError):
            found = self._ask(ipp.CUPS_GET_PRINTERS, wanted)
            names = [group.get("printer-name") for group in found.every(ipp.PRINTER_GROUP)]
            return sorted(_clean(name[0]) for name in names if name)[:20]
        return []


def _clean(words: object) -> str:
    return "".join(c for c in str(words) if c.isprintable())[:80]


def _shown(words: object) -> str:
    return f" ({clean})" if (clean := _clean(words).strip(" .")) else ""


def wait_until(ready: Callable[[], bool], timeout: float) -> bool:
    """Return whether it became ready within so many seconds."""
    ends = time.monotonic() + timeout
    while not ready():
        left = ends - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(NAP, left))
    return True
