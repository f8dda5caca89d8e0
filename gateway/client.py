"""The typed Python client: post labels, know of each one whether it is on paper.

    from gateway.client import Gateway

    with Gateway() as gateway:
        job = gateway.print("zebra", "serial-label", {"serial": "SN-000123", "item": "HT-9000"})
        job = gateway.wait(job.id)
        for label in gateway.labels(job.id):
            print(label.number, label.state, label.evidence)

Every POST carries an idempotency key, so when a connection breaks the client asks again and the
gateway answers what it answered, and prints nothing twice. What the gateway refuses is a
``Problem`` with the gateway's own sentence; a gateway that gives no answer is ``Unreachable``.
Nothing of the daemon is imported here.
"""

from __future__ import annotations

import base64
import hmac
import ipaddress
import json
import random
import ssl
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Literal, Protocol, Self, TypeVar
from urllib.parse import quote

import httpx

__all__ = [
    "DumpsZpl",
    "Event",
    "FoundPrinter",
    "Gateway",
    "GatewayFault",
    "Job",
    "Label",
    "Printer",
    "Problem",
    "Proposal",
    "Search",
    "Template",
    "Unreachable",
    "WrongSignature",
    "verify_webhook",
]

R = TypeVar("R")

DEFAULT_URL = "http://127.0.0.1:8730"

ENDED = frozenset({"done", "failed", "cancelled"})
"""States of a job after which nothing more happens by itself."""

_AGAIN = frozenset({429, 502, 503, 504})
"""Answers that say: the same request may succeed later. 502 and 504 are a proxy's."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
"""Seconds; each pause is drawn between zero and the bound, which doubles (AWS Architecture Blog,
"Exponential Backoff And Jitter": full jitter)."""

_LONG_POLL = 30.0
"""Seconds the gateway keeps one question open."""

_ASKING = 15.0
"""Seconds a device may need for all questions there are."""


# ---------------------------------------------------------------- what can go wrong


class GatewayFault(Exception):
    """Base class of what this client raises."""


class Unreachable(GatewayFault):
    """No answer came, after every retry. A job that was posted may have been accepted: post it
    again with the same ``idempotency_key`` to find out without printing it twice."""


class WrongSignature(GatewayFault):
    """A message did not come from the gateway, or was changed on its way, or is an old one."""


class Problem(GatewayFault):
    """The gateway refused, with an RFC 9457 problem document."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.type = str(document.get("type", "about:blank"))
        self.title = str(document.get("title", ""))
        self.detail = str(document.get("detail") or self.title or f"The answer was {status}.")
        self.facts: Mapping[str, Any] = document.get("facts") or {}
        self.items: tuple[Mapping[str, Any], ...] = tuple(document.get("items") or ())
        """When several labels were refused: ``index``, ``pointer``, ``type``, ``detail`` each."""
        super().__init__(self.detail)

    @property
    def name(self) -> str:
        """The problem's short name, the end of its type.

        >>> Problem(404, {"type": "/problems/unknown-printer"}).name
        'unknown-printer'
        """
        return self.type.rstrip("/").rsplit("/", 1)[-1]


# ---------------------------------------------------------------- what comes back


@dataclass(frozen=True, slots=True)
class Job:
    id: str
    state: str
    """``queued``, ``printing``, ``held``, ``needs_attention``; ended: ``done``, ``failed``,
    ``cancelled``."""
    printer: str = ""
    labels: int = 0
    """Pieces of paper, copies counted."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Label state -> how many."""
    template: str | None = None
    version: str | None = None
    title: str = ""
    actor: str = ""
    problem: str | None = None
    """Why it is held when nobody held it: no printer has what it needs."""
    accepted_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def ended(self) -> bool:
        """True when nothing more happens to it by itself."""
        return self.state in ENDED

    @property
    def on_paper(self) -> int:
        """How many labels are on paper, by evidence."""
        return self.counts.get("printed", 0)


@dataclass(frozen=True, slots=True)
class Label:
    id: str
    number: int
    state: str
    copy: int = 1
    evidence: str | None = None
    """How it is known to be printed: ``odometer``, ``idle``, ``person`` …"""
    data: Mapping[str, Any] | None = None
    problem: str | None = None
    printer: str | None = None
    reprint_of: str | None = None
    sent_at: datetime | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Printer:
    name: str
    url: str = ""
    language: str = ""
    density: int | str = 8
    media: Mapping[str, Any] = field(default_factory=dict)
    """``width`` and ``height`` in µm, and what people call the ``stock``."""
    setup: Mapping[str, Any] = field(default_factory=dict)
    """Tracking, darkness, speed, finish and offset; None where nobody changes them."""
    model: str = ""
    mode: str = "exact"
    evidence: str = "auto"
    paused: bool = False
    gateway: str | None = None
    """The computer whose gateway drives it, where several gateways share a database."""
    status: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoundPrinter:
    """A device that may be a printer. It is offered; nothing was added."""

    url: str | None
    """None when the gateway cannot reach it; ``problem`` says why."""
    via: str = ""
    """``usb``, ``serial``, ``network``, ``queues``, ``address``."""
    what: str = ""
    """Its own words: show them, trust nothing in them."""
    says: Mapping[str, str] = field(default_factory=dict)
    language: str | None = None
    """What it probably understands."""
    model: str | None = None
    """The row of models.toml it probably is."""
    problem: str | None = None
    printer: str | None = None
    """The name of the printer that it already is."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a search for printers brought, and why a part of it could not look."""

    found: tuple[FoundPrinter, ...]
    troubles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """How a device that was asked would be set up."""

    url: str
    sentence: str = ""
    sure: str = "unknown"
    """``sure``: it answered. ``likely``: only its name tells. ``unknown``: nothing tells."""
    language: str | None = None
    density: int | str | None = None
    model: str | None = None
    media: Mapping[str, int] | None = None
    tracking: str | None = None
    says: Mapping[str, str] = field(default_factory=dict)
    printer: str | None = None
    """The name of the printer that it already is."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """A body for ``PUT /v1/printers/{name}``."""
    missing: Sequence[str] = ()
    """What is still to be said in it."""


@dataclass(frozen=True, slots=True)
class Template:
    name: str
    number: int = 0
    version: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the feed; ``id`` is where to continue after it."""

    id: int
    kind: str
    subject: str
    at: datetime | None
    actor: str
    body: Mapping[str, Any]


class DumpsZpl(Protocol):
    """A label of the ``zpl`` package, or anything else that writes itself as ZPL."""

    def dumpZPL(self) -> str | bytes: ...  # noqa: N802 - the package's name


_MOMENTS = frozenset({"accepted_at", "ended_at", "sent_at", "settled_at"})


def _made(kind: type[R], document: Mapping[str, Any]) -> R:
    """Return the value with the members it knows; a newer gateway may say more."""
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    members = {
        name: _moment(value) if name in _MOMENTS else value
        for name, value in document.items()
        if name in known
    }
    try:
        return kind(**members)
    except TypeError as error:
        raise GatewayFault(
            f"The answer is not a {kind.__name__.lower()} ({error}); is this address a "
            "label-gateway, and not older than this client?"
        ) from error


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None


# ---------------------------------------------------------------- the client


class Gateway:
    """A gateway over HTTP. Use one for many calls, close it, or use it in a ``with``."""

    def __init__(
        self,
        url: str = DEFAULT_URL,
        key: str | None = None,
        *,
        patience: float = 30.0,
        timeout: float = 10.0,
        verify: ssl.SSLContext | bool = True,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``patience`` seconds in all are spent on retries of one call, ``timeout`` on one try.

        ``verify`` says which certificates of a https gateway are trusted.
        """
        self.url = url.rstrip("/")
        self._patience = patience
        self._timeout = timeout
        self._sleep = sleep
        headers = {"User-Agent": "label-gateway-client"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        self._http = httpx.Client(
            base_url=self.url,
            headers=headers,
            timeout=timeout,
            verify=verify,
            transport=transport,
            # A proxy of the environment cannot reach this machine's own loopback.
            trust_env=not _is_loopback(self.url),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    # ------------------------------------------------------------ printing

    def print(
        self,
        printer: str,
        template: str,
        labels: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        *,
        version: str | None = None,
        copies: int = 1,
        mode: Literal["exact", "native"] | None = None,
        priority: int = 0,
        hold: bool = False,
        strict: bool = False,
        expires_in: float | None = None,
        title: str = "",
        stock: str = "",
        idempotency_key: str | None = None,
    ) -> Job:
        """Return the accepted job: one label for each mapping of fields, durable from now on.

        ``expires_in`` is in seconds. ``stock`` is the stock it must be printed on, as printers'
        settings name it; until one has it the job is held. With an ``idempotency_key`` of your own
        (an order number) the same call after a crash of your program returns the same job.

        Raises:
            Problem: the gateway refused; ``items`` says which label and why.
            Unreachable: no answer came.
        """
        order = _order(printer, copies, mode, priority, hold, strict, expires_in, title, stock)
        order |= {"template": template, "labels": _rows(labels)}
        if version is not None:
            order["version"] = version
        return self._post_job(order, idempotency_key)

    def print_raw(
        self,
        printer: str,
        commands: str | bytes,
        *,
        uncounted: bool = False,
        copies: int = 1,
        priority: int = 0,
        hold: bool = False,
        strict: bool = False,
        expires_in: float | None = None,
        title: str = "",
        stock: str = "",
        idempotency_key: str | None = None,
    ) -> Job:
        """Return the job that sends printer commands as they are; needs the scope ``raw``.

        Raises:
            Problem: the gateway refused.
            Unreachable: no answer came.
        """
        order = _order(printer, copies, None, priority, hold, strict, expires_in, title, stock)
        try:
            order["raw"] = commands.decode("utf-8") if isinstance(commands, bytes) else commands
        except UnicodeDecodeError:  # bytes that JSON cannot carry as text
            content = base64.b64encode(commands).decode("ascii")  # type: ignore[arg-type]
            order["document"] = {"content": content, "type": "application/octet-stream"}
        if uncounted:
            order["uncounted"] = True
        return self._post_job(order, idempotency_key)

    def print_zpl_label(self, printer: str, label: DumpsZpl, *, copies: int = 1) -> Job:
        """Return the job that prints a label object with a ``dumpZPL()``.

        Raises:
            Problem: the gateway refused.
            Unreachable: no answer came.
        """
        return self.print_raw(printer, label.dumpZPL(), copies=copies)

    def print_document(
        self,
        printer: str,
        content: bytes,
        *,
        type: str | None = None,
        fit: str | None = None,
        rotation: int | None = None,
        pages: str | None = None,
        copies: int = 1,
        priority: int = 0,
        hold: bool = False,
        strict: bool = False,
        expires_in: float | None = None,
        title: str = "",
        stock: str = "",
        idempotency_key: str | None = None,
    ) -> Job:
        """Return the job that prints a PDF, a PNG or ZPL, as carriers send them.

        Raises:
            Problem: the gateway refused.
            Unreachable: no answer came.
            ValueError: no type is given and the content is none of the three.
        """
        order = _order(printer, copies, None, priority, hold, strict, expires_in, title, stock)
        document = {
            "content": base64.b64encode(content).decode("ascii"),
            "type": type if type is not None else document_type(content),
            "fit": fit,
            "rotation": rotation,
            "pages": pages,
        }
        order["document"] = {name: value for name, value in document.items() if value is not None}
        return self._post_job(order, idempotency_key)

    def dry_run(
        self,
        printer: str,
        template: str,
        labels: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        *,
        version: str | None = None,
        mode: Literal["exact", "native"] | None = None,
    ) -> list[bytes]:
        """Return the first labels as PNG, checked like a job; nothing is stored or counted.

        Raises:
            Problem: the gateway refused what it would refuse of the job.
            Unreachable: no answer came.
        """
        order = _order(printer, 1, mode, 0, False, False, None, "", "")
        order |= {"template": template, "labels": _rows(labels)}
        if version is not None:
            order["version"] = version
        answer = self._call("POST", "/v1/jobs", query={"dry_run": "1"}, body=order)
        return [_picture(item) for item in answer.json()["pictures"]]

    def _post_job(self, order: dict[str, Any], idempotency_key: str | None) -> Job:
        answer = self._call("POST", "/v1/jobs", body=order, idempotency_key=idempotency_key)
        return _made(Job, answer.json())

    # ------------------------------------------------------------ jobs and labels

    def job(self, id: str) -> Job:
        """Return a job as it is now.

        Raises:
            Problem: there is no such job.
            Unreachable: no answer came.
        """
        return _made(Job, self._call("GET", f"/v1/jobs/{_part(id)}").json())

    def jobs(self, *, state: str | None = None, printer: str | None = None) -> Iterator[Job]:
        """Yield the jobs, newest first, page by page as they are asked for."""
        query = {"state": state, "printer": printer}
        for item in self.items("/v1/jobs", query):
            yield _made(Job, item)

    def wait(self, id: str, timeout: float | None = None) -> Job:
        """Return the job once it has ended or needs a person; after ``timeout`` seconds as it is.

        Raises:
            Problem: there is no such job.
            Unreachable: no answer came.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            left = _LONG_POLL if until is None else max(0.0, until - time.monotonic())
            pause = min(_LONG_POLL, left)
            answer = self._call(
                "GET",
                f"/v1/jobs/{_part(id)}",
                query={"wait": f"{pause:.0f}" if pause >= 1 else None},
                timeout=self._timeout + pause,
            )
            job = _made(Job, answer.json())
            if job.ended or job.state == "needs_attention":
                return job
            if until is not None and time.monotonic() >= until:
                return job
            if pause < 1:
                self._sleep(min(0.1, left))

    def labels(self, id: str) -> Iterator[Label]:
        """Yield a job's labels in order, with what is known of each."""
        for item in self.items(f"/v1/jobs/{_part(id)}/labels"):
            yield _made(Label, item)

    def act(self, id: str, action: str, **details: Any) -> Job:
        """Return the job after ``hold``, ``release``, ``cancel``, ``reprint`` or ``prioritize``.

        A reprint needs ``reason=`` and returns the new job.

        Raises:
            Problem: the job's state forbids it.
            Unreachable: no answer came.
        """
        answer = self._call("POST", f"/v1/jobs/{_part(id)}/{_part(action)}", body=details)
        return _made(Job, answer.json())

    # ------------------------------------------------------------ printers and templates

    def printers(self) -> list[Printer]:
        """Return the printers.

        Raises:
            Unreachable: no answer came.
        """
        return [_made(Printer, item) for item in self.items("/v1/printers")]

    def printer(self, name: str) -> Printer:
        """Return one printer.

        Raises:
            Problem: there is no such printer.
            Unreachable: no answer came.
        """
        return _made(Printer, self._call("GET", f"/v1/printers/{_part(name)}").json())

    def test_printer(self, name: str) -> Job:
        """Print a printer's test label; return its job.

        Raises:
            Problem: there is no such printer.
            Unreachable: no answer came.
        """
        return _made(Job, self._call("POST", f"/v1/printers/{_part(name)}/test").json())

    def printer_status(self, name: str) -> Mapping[str, Any]:
        """Return how a printer is, in words and as values.

        Raises:
            Problem: there is no such printer.
            Unreachable: no answer came.
        """
        status: Mapping[str, Any] = self._call("GET", f"/v1/printers/{_part(name)}/status").json()
        return status

    def find_printers(self, address: str | None = None, *, timeout: float = 4.0) -> Search:
        """Return the printers on USB, serial ports and the network, and at an address if named.

        ``timeout`` is in seconds. Nothing is added; needs the scope ``admin``.

        Raises:
            Problem: no printer can be at the address, or another search is running.
            Unreachable: no answer came.
        """
        body: dict[str, Any] = {"timeout": timeout}
        if address is not None:
            body["address"] = address
        answer = self._call(
            "POST", "/v1/printers/find", body=body, timeout=self._timeout + timeout
        ).json()
        return Search(
            tuple(_made(FoundPrinter, item) for item in answer["items"]),
            tuple(str(trouble["sentence"]) for trouble in answer["troubles"]),
        )

    def identify_printer(self, url: str, *, language: str | None = None) -> Proposal:
        """Return who the device at a URL says it is, and how it would be set up; prints nothing.

        With a ``language`` it is asked in that one only. Needs the scope ``admin``.

        Raises:
            Problem: it cannot be asked, or no printer can be there.
            Unreachable: no answer came.
        """
        body = {"url": url} if language is None else {"url": url, "language": language}
        answer = self._call(
            "POST", "/v1/printers/identify", body=body, timeout=self._timeout + _ASKING
        )
        return _made(Proposal, answer.json())

    def templates(self) -> list[Template]:
        """Return the templates' current versions.

        Raises:
            Unreachable: no answer came.
        """
        return [_made(Template, item) for item in self.items("/v1/templates")]

    def preview(
        self,
        template: str | Mapping[str, Any],
        fields: Mapping[str, Any] | None = None,
        *,
        printer: str | None = None,
        density: int | str | None = None,
        format: Literal["png", "pdf", "svg"] = "png",
    ) -> bytes:
        """Return one label as a picture: of a stored template by name, or of a document.

        Without ``fields`` the template's own examples are drawn.

        Raises:
            Problem: the template or a field was refused.
            Unreachable: no answer came.
        """
        body: dict[str, Any] = {"template" if isinstance(template, str) else "document": template}
        if fields is not None:
            body["fields"] = dict(fields)
        if printer is not None:
            body["printer"] = printer
        if density is not None:
            body["density"] = density
        return self._call("POST", "/v1/preview", query={"format": format}, body=body).content

    def known_sheets(self) -> list[dict[str, Any]]:
        """Return the sheets of labels that have a name, with their measures in micrometres.

        Raises:
            Problem: the key lacks the scope ``read``.
            Unreachable: no answer came.
        """
        items: list[dict[str, Any]] = self._call("GET", "/v1/sheets").json()["items"]
        return items

    def sheets(
        self,
        template: str,
        labels: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        sheet: str | Mapping[str, Any],
        *,
        version: str | None = None,
        start: int = 1,
        copies: int = 1,
        marks: bool = False,
        density: int | str | None = None,
    ) -> bytes:
        """Return labels on sheets of paper as a PDF, for an office printer; nothing is kept.

        ``sheet`` is a name such as ``avery-l7160``, or a description; ``start`` is the first label
        left on the first sheet.

        Raises:
            Problem: the sheet, the template or a row was refused.
            Unreachable: no answer came.
        """
        body: dict[str, Any] = {
            "sheet": sheet if isinstance(sheet, str) else dict(sheet),
            "labels": _rows(labels),
            "start": start,
            "copies": copies,
            "marks": marks,
        }
        if version is not None:
            body["version"] = version
        if density is not None:
            body["density"] = density
        path = f"/v1/templates/{_part(template)}/sheets"
        return self._call("POST", path, body=body).content

    # ------------------------------------------------------------ the feed

    def events(self, after: int | None = None, *, kinds: Iterable[str] = ()) -> Iterator[Event]:
        """Yield what happens, from after entry ``after`` (None: from now on), without a gap.

        A broken connection is taken up again where it was. Keep the ``id`` of the last event you
        have dealt with, and nothing is missed across restarts of your program.

        Raises:
            Problem: the key lacks the scope ``read``.
            Unreachable: the gateway was away for longer than ``patience``.
        """
        query = {"kind": list(kinds)}
        seen = after
        until: float | None = None
        tries = 0
        while True:
            # The gateway sends a sign of life well within a minute; a silent line is dead.
            headers = {"Accept": "text/event-stream"}
            if seen is not None:
                headers["Last-Event-ID"] = str(seen)
            try:
                with self._http.stream(
                    "GET",
                    "/v1/events",
                    params=query,
                    headers=headers,
                    timeout=httpx.Timeout(self._timeout, read=60.0),
                ) as answer:
                    if answer.status_code in _AGAIN:
                        raise _Again(_retry_after(answer))  # noqa: TRY301
                    if answer.status_code != 200:
                        answer.read()
                        raise _problem(answer)
                    for event in _entries(answer.iter_lines()):
                        until, tries = None, 0
                        if isinstance(event, Event):
                            seen = event.id
                            yield event
                        elif seen is None:
                            seen = event
                asked = None
            except (httpx.TransportError, _Again) as error:
                asked = error.seconds if isinstance(error, _Again) else None
            now = time.monotonic()
            until = until if until is not None else now + self._patience
            if now >= until:
                raise Unreachable(
                    f"The gateway at {self.url} has been away for {self._patience:.0f} s; the "
                    f"last event was {seen}."
                )
            self._sleep(_pause(tries, asked, until - now))
            tries += 1

    # ------------------------------------------------------------ calls

    def items(
        self, path: str, query: Mapping[str, str | None] | None = None
    ) -> Iterator[dict[str, Any]]:
        """Yield the items of a list, page by page.

        Raises:
            Problem: the gateway refused.
            Unreachable: no answer came.
        """
        after: str | None = None
        while True:
            page = self._call("GET", path, query={**(query or {}), "after": after}).json()
            yield from page["items"]
            if page.get("next") is None:
                return
            after = str(page["next"])

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, str | None] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Return the JSON answer of any route, with the same retries; None for no content.

        ``body`` is sent as JSON, bytes as they are (say what they are in ``headers``). ``timeout``
        are the seconds that one try may take, where the client's own are too few.

        Raises:
            Problem: the gateway refused.
            Unreachable: no answer came.
        """
        answer = self._call(method, path, query=query, body=body, headers=headers, timeout=timeout)
        return answer.json() if answer.content else None

    def download(
        self, path: str, query: Mapping[str, str | None] | None = None, *, timeout: float = 600.0
    ) -> Iterator[bytes]:
        """Yield a file as it comes, however long; ``timeout`` is for each piece of it.

        Not tried again: whoever reads has the first pieces already.

        Raises:
            Problem: the gateway refused; nothing has come.
            Unreachable: there is no answer, or it broke off; what came is not whole.
        """
        request = self._http.build_request(
            "GET",
            path,
            params={name: value for name, value in (query or {}).items() if value is not None},
            timeout=timeout,
        )
        try:
            answer = self._http.send(request, stream=True)
            try:
                if not answer.is_success:
                    answer.read()
                    raise _problem(answer)
                yield from answer.iter_bytes()
            finally:
                answer.close()
        except httpx.TransportError as error:
            raise Unreachable(
                f"The answer of {self.url} broke off ({str(error) or type(error).__name__}); what "
                "came is not whole."
            ) from error

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | None] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> httpx.Response:
        sent = dict(headers or {})
        content: bytes | None = None
        if isinstance(body, bytes):
            content = body
        elif body is not None:
            content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
            sent["Content-Type"] = "application/json"
        if method == "POST":
            # One key for all tries of this call: that is what makes trying again safe.
            sent["Idempotency-Key"] = idempotency_key or uuid.uuid4().hex
        request = self._http.build_request(
            method,
            path,
            params={name: value for name, value in (query or {}).items() if value is not None},
            content=content,
            headers=sent,
            timeout=self._timeout if timeout is None else timeout,
        )
        until = time.monotonic() + self._patience
        tries = 0
        while True:
            asked: float | None = None
            refusal: Problem | None = None
            try:
                answer = self._http.send(request)
                if answer.is_success:
                    return answer
                refusal = _problem(answer)
                if answer.status_code not in _AGAIN and refusal.name != "still-running":
                    raise refusal
                asked = _retry_after(answer)
                trouble = refusal.detail
            except httpx.TransportError as error:
                trouble = str(error) or type(error).__name__
            left = until - time.monotonic()
            pause = _pause(tries, asked, left)
            # To wait longer than asked to, or than there is patience for, helps nobody.
            if left <= 0 or (asked is not None and asked > left):
                if refusal is not None:
                    raise refusal
                raise Unreachable(
                    f"No label-gateway answers at {self.url} ({trouble}); start it with "
                    "label-gateway run, or set GATEWAY_URL to where it is."
                )
            self._sleep(pause)
            tries += 1


class _Again(Exception):
    """The gateway asks to come back later."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def _pause(tries: int, asked: float | None, left: float) -> float:
    bound: float = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(tries, 16))
    drawn = random.uniform(0, bound)
    return max(0.0, min(left, asked + drawn if asked is not None else drawn))


def _retry_after(answer: httpx.Response) -> float | None:
    """Return the seconds of a Retry-After header in either of its forms (RFC 9110 10.2.3)."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def _problem(answer: httpx.Response) -> Problem:
    try:
        document = answer.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        document = {
            "title": answer.reason_phrase,
            "detail": f"{answer.url} answered {answer.status_code} {answer.reason_phrase}".strip()
            + " without saying why; is this address a label-gateway?",
        }
    return Problem(answer.status_code, document)


def _entries(lines: Iterable[str]) -> Iterator[Event | int]:
    """Yield the CloudEvents of a server-sent event stream (WHATWG HTML 9.2.6), and the place in
    the feed where the gateway says it without an event.

    >>> text = 'id: 6\\n\\nid: 7\\ndata: {"id":"7","type":"job.done","subject":"jobs/J1"}\\n\\n'
    >>> place, event = _entries(text.splitlines())
    >>> place, event.id, event.kind, event.subject
    (6, 7, 'job.done', 'jobs/J1')
    """
    data: list[str] = []
    place = ""
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            if name == "data":
                data.append(value.removeprefix(" "))
            elif name == "id":
                place = value.strip()
            continue
        if not data and place.isdecimal():
            yield int(place)
        place = ""
        if data:
            document = json.loads("\n".join(data))
            data = []
            yield _event(document)


def _event(document: Mapping[str, Any]) -> Event:
    return Event(
        id=int(document["id"]),
        kind=str(document["type"]),
        subject=str(document.get("subject", "")),
        at=_moment(document.get("time")),
        actor=str(document.get("actor", "")),
        body=document.get("data") or {},
    )


def verify_webhook(
    headers: Mapping[str, str], body: bytes, secret: str, *, tolerance: float = 300.0
) -> Event:
    """Return the event of a webhook's message, once it is sure that the gateway sent it.

    ``headers`` are the request's, in whatever case; ``body`` its bytes as they came, not parsed and
    written again; ``secret`` the webhook's (``whsec_…``). ``tolerance`` is how many seconds the
    message's time may differ from this computer's. The header ``webhook-id`` stays the same when a
    message comes again: who has dealt with it answers 2xx and does nothing.

    Raises:
        WrongSignature: it is not signed with this secret, or not within the tolerance.
        ValueError: the secret is none.

    >>> verify_webhook({"webhook-id": "msg_1", "webhook-timestamp": "1"}, b"{}", "whsec_c2VjcmV0")
    Traceback (most recent call last):
        ...
    gateway.client.WrongSignature: The message has no header webhook-signature.
    """
    given = {name.lower(): value for name, value in headers.items()}
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        if name not in given:
            raise WrongSignature(f"The message has no header {name}.")
    moment = given["webhook-timestamp"]
    if not (moment.isascii() and moment.isdecimal() and len(moment) < 15):
        raise WrongSignature("The message's webhook-timestamp is not a number of seconds.")
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    signed = f"{given['webhook-id']}.{moment}.".encode() + body
    right = base64.b64encode(hmac.digest(key, signed, "sha256"))
    # Several while a secret is being changed; each scheme has a prefix of its own.
    presented = [one.partition(",") for one in given["webhook-signature"].split(" ")]
    if not any(
        scheme == "v1" and hmac.compare_digest(right, signature.encode())
        for scheme, _, signature in presented
    ):
        raise WrongSignature("The message was not signed with this secret, or it was changed.")
    away = abs(time.time() - int(moment))
    if away > tolerance:
        raise WrongSignature(
            f"The message was signed {away:.0f} s from now by this computer's clock; it may be an "
            "old one that somebody sends again."
        )
    return _event(json.loads(body))


# ---------------------------------------------------------------- small things


def _order(
    printer: str,
    copies: int,
    mode: str | None,
    priority: int,
    hold: bool,
    strict: bool,
    expires_in: float | None,
    title: str,
    stock: str,
) -> dict[str, Any]:
    """Return the members every job has, those that say nothing left out."""
    order: dict[str, Any] = {"printer": printer}
    if copies != 1:
        order["copies"] = copies
    if mode is not None:
        order["mode"] = mode
    if priority:
        order["priority"] = priority
    if hold:
        order["hold"] = True
    if strict:
        order["strict"] = True
    if expires_in is not None:
        order["expires_in"] = expires_in
    if title:
        order["title"] = title
    if stock:
        order["stock"] = stock
    return order


def _rows(labels: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [dict(labels)] if isinstance(labels, Mapping) else [dict(row) for row in labels]


def document_type(content: bytes) -> str:
    """Return the media type of a document by its first bytes.

    >>> document_type(b"%PDF-1.7"), document_type(b" ^XA^XZ")
    ('application/pdf', 'application/zpl')

    Raises:
        ValueError: it is neither a PDF, nor a PNG, nor ZPL.
    """
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if b"^XA" in content[:4096]:
        return "application/zpl"
    raise ValueError(
        f"The document is neither a PDF nor a PNG nor ZPL (it starts with {content[:8]!r}); "
        "give its type."
    )


def _picture(item: Any) -> bytes:
    text = item if isinstance(item, str) else str(item["png"])
    return base64.b64decode(text.rpartition(",")[2])


def _part(text: str) -> str:
    return quote(text, safe="")


def _is_loopback(url: str) -> bool:
    host = httpx.URL(url).host
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
