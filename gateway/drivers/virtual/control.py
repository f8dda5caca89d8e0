"""A loopback page that commands a virtual printer from another process.

=======================  ==========================================================================
``GET /state``           the machine, its counters and ports
``GET /pieces?after=N``  pieces numbered above N with their decoded codes
``GET /pieces/N.png``    a picture
``POST /faults``         ``{"do": "power_off"}`` or ``{"do": "trip", "fault": "paper_out", …}``
=======================  ==========================================================================

Only loopback names are answered (Host header), so no web page can reach it by a name of its own.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import asdict
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from gateway.drivers.virtual.paper import Piece
from gateway.drivers.virtual.printer import VirtualPrinter
from gateway.errors import GatewayError, InputRefused

_LONGEST_BODY = 64 * 1024
_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?", re.IGNORECASE)


class ControlServer:
    """The HTTP server of one virtual printer."""

    def __init__(self, printer: VirtualPrinter) -> None:
        self._printer = printer
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    def start(self, port: int = 0) -> int:
        """Listen on loopback and return the port.

        Raises:
            OSError: the port is taken.
        """
        printer = self._printer

        class Handler(_Handler):
            controlled = printer

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.1},
            name=f"control of {printer.name}",
            daemon=True,
        )
        self._thread.start()
        return int(self._server.server_address[1])

    def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        if self._thread is not None:
            self._thread.join()
            self._thread = None


class _Handler(BaseHTTPRequestHandler):
    controlled: VirtualPrinter
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer state, pieces and pictures."""
        if not self._is_loopback():
            return
        url = urlsplit(self.path)
        if url.path == "/state":
            self._send_json(HTTPStatus.OK, describe_state(self.controlled))
        elif url.path == "/pieces":
            after = parse_qs(url.query).get("after", ["0"])[0]
            if not (after.isascii() and after.isdigit()):
                self._refuse(HTTPStatus.BAD_REQUEST, f"after={after!r} is not a piece number.")
                return
            pieces = self.controlled.pieces(int(after))
            items = [describe_piece(self.controlled, piece) for piece in pieces]
            self._send_json(HTTPStatus.OK, {"items": items})
        elif match := re.fullmatch(r"/pieces/([0-9]{1,12})\.png", url.path):
            png = self.controlled.png(int(match[1]))
            if png is None:
                self._refuse(HTTPStatus.NOT_FOUND, f"There is no picture of piece {match[1]}.")
            else:
                self._send(HTTPStatus.OK, "image/png", png)
        else:
            self._refuse(
                HTTPStatus.NOT_FOUND,
                f"There is no page {url.path!r}; there are /state, /pieces and /pieces/1.png.",
            )

    def do_POST(self) -> None:
        """Switch a fault."""
        if not self._is_loopback():
            return
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > _LONGEST_BODY:
            self.close_connection = True
            self._refuse(HTTPStatus.BAD_REQUEST, "The body is too long.")
            return
        body = self.rfile.read(int(length))
        if urlsplit(self.path).path != "/faults":
            self._refuse(
                HTTPStatus.NOT_FOUND,
                f"There is no page {self.path!r} to post to; there is /faults.",
            )
            return
        try:
            asked = json.loads(body)
            if not isinstance(asked, dict) or not isinstance(asked.get("do"), str):
                raise InputRefused('A fault is an object with "do", such as {"do": "paper_out"}.')
            what = asked.pop("do")
            self.controlled.do(what, **asked)
        except ValueError as wrong:
            self._refuse(HTTPStatus.BAD_REQUEST, f"The body is not JSON: {wrong}.")
        except GatewayError as refused:
            self._refuse(HTTPStatus.UNPROCESSABLE_ENTITY, refused.detail)
        else:
            self._send_json(HTTPStatus.OK, describe_state(self.controlled))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the process prints one line of JSON and no more."""

    def _is_loopback(self) -> bool:
        if _LOOPBACK.fullmatch(self.headers.get("Host", "")):
            return True
        self.close_connection = True
        self._refuse(HTTPStatus.MISDIRECTED_REQUEST, "Only loopback names are answered.")
        return False

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        self._send_json(status, {"detail": detail})

    def _send_json(self, status: HTTPStatus, body: object) -> None:
        self._send(status, "application/json", json.dumps(body).encode())

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def describe_state(printer: VirtualPrinter) -> dict[str, object]:
    """Return a printer's state as JSON-ready values."""
    state = asdict(printer.status())
    state.update(
        name=printer.name,
        port=printer.port,
        url=printer.url,
        received=printer.received,
        pieces=printer.paper.count,
        printed=printer.paper.printed,
        admin=[event.what for event in printer.admin_events()],
    )
    return state


def describe_piece(printer: VirtualPrinter, piece: Piece) -> dict[str, object]:
    """Return a piece as JSON-ready values, its codes decoded."""
    path = printer.paper.path(piece.number)
    return {
        "number": piece.number,
        "width": piece.width,
        "height": piece.height,
        "at": piece.at,
        "partial": piece.partial,
        "unknown": list(piece.unknown),
        "notes": list(piece.notes),
        "codes": [
            {"format": code.format, "text": code.text, "octets": code.octets.hex()}
            for code in printer.codes(piece.number)
        ],
        "png": None if path is None else str(path),
    }
