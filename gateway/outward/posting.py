"""One message to one receiver over HTTP: bytes out, a status back, and nothing else of it.

    name ──► addresses ──judged──► connection ──POST──► status, Retry-After

The connection goes to the address that was judged; the certificate must be the name's. Redirects
are not followed. Of an answer's body nothing is kept or shown: what is behind a URL is not for
whoever may only see the webhook.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from dataclasses import dataclass
from functools import cache

from gateway.outward.addresses import NotThere, Receiver, check_address

CONNECTS_WITHIN = 5.0
"""Seconds, for each address of a name."""

ANSWERS_WITHIN = 15.0
"""Seconds for a whole message and its answer; Standard Webhooks 1.0 recommends 15 to 30."""

LARGEST_ANSWER = 64 * 1024
"""Bytes of an answer that are read (and thrown away) so that the connection can be used again."""


class NotDelivered(Exception):
    """No answer came; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said."""

    status: int
    retry_after: int | None = None
    """Seconds."""


@cache
def _trust() -> ssl.SSLContext:
    # The system's certificates; SSL_CERT_FILE adds those of a site's own authority.
    return ssl.create_default_context()


class Line:
    """A connection to a receiver, kept open from message to message."""

    def __init__(self, receiver: Receiver, *, private: bool) -> None:
        self._receiver, self._private = receiver, private
        self._connection: http.client.HTTPConnection | None = None
        self._wire: socket.socket | None = None
        self._cut = self._late = False

    def post(self, headers: dict[str, str], body: bytes) -> Answer:
        """Send a message; return the answer.

        Raises:
            NotDelivered: the receiver cannot be reached, may not be, or did not answer.
        """
        used = self._connection is not None
        try:
            return self._post(headers, body)
        except (http.client.RemoteDisconnected, ConnectionError) as error:
            # A receiver may end a connection that was quiet. The message has its number, so one
            # that was taken all the same is known again.
            if not used or self._cut:
                raise NotDelivered(_say(error)) from error
        except (OSError, http.client.HTTPException) as error:
            raise NotDelivered(_say(error)) from error
        try:
            return self._post(headers, body)
        except (OSError, http.client.HTTPException) as error:
            raise NotDelivered(_say(error)) from error

    def _post(self, headers: dict[str, str], body: bytes) -> Answer:
        # A timeout of the socket's counts from each byte anew; who drips must end, too.
        self._late = False
        watch = threading.Timer(ANSWERS_WITHIN, self._end)
        watch.daemon = True
        watch.start()
        try:
            connection = self._connection = self._connection or self._connect()
            connection.request("POST", self._receiver.target, body, headers)
            answer = connection.getresponse()
            self._throw_away(answer)
            return Answer(answer.status, _seconds(answer.getheader("Retry-After")))
        except BaseException as error:
            self.close()
            if self._late and isinstance(error, OSError | http.client.HTTPException):
                raise TimeoutError from error
            raise
        finally:
            watch.cancel()

    def _throw_away(self, answer: http.client.HTTPResponse) -> None:
        answer.read(LARGEST_ANSWER)
        if self._late:  # the end that was read was ours
            raise TimeoutError
        if not answer.isclosed():  # there is more of it
            self.close()

    def _connect(self) -> http.client.HTTPConnection:
        receiver = self._receiver
        self._wire = self._open()
        if not receiver.encrypted:
            plain = http.client.HTTPConnection(receiver.host, receiver.port)
            plain.sock = self._wire
            return plain
        wire = self._wire = _trust().wrap_socket(
            self._wire, server_hostname=receiver.host, do_handshake_on_connect=False
        )
        wire.do_handshake()
        secret = http.client.HTTPSConnection(receiver.host, receiver.port, context=_trust())
        secret.sock = wire
        return secret

    def _open(self) -> socket.socket:
        """Return a connection to the first of the name's addresses that answers.

        Raises:
            NotDelivered: none may be connected to, or there is none.
            OSError: none answers.
        """
        receiver = self._receiver
        try:
            found = socket.getaddrinfo(receiver.host, receiver.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise NotDelivered(f"The name {receiver.host!r} was not found ({reason}).") from error
        failure: OSError | NotThere | None = None
        for family, kind, protocol, _, address in found:
            try:
                check_address(str(address[0]), private=self._private, encrypted=receiver.encrypted)
            except NotThere as refused:
                failure = refused
                continue
            wire = socket.socket(family, kind, protocol)
            try:
                wire.settimeout(CONNECTS_WITHIN)
                wire.connect(address)
                wire.settimeout(ANSWERS_WITHIN)
                # Head and body leave apart; the body shall not wait until the head is confirmed.
                wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as error:
                wire.close()
                failure = error
            else:
                return wire
        if isinstance(failure, NotThere):
            raise NotDelivered(str(failure)) from failure
        assert failure is not None, "a name that is found has addresses"
        raise failure

    def _end(self) -> None:
        self._late = True
        self._shut()

    def _shut(self) -> None:
        wire = self._wire
        if wire is not None:
            with contextlib.suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """End whatever is under way, from another thread."""
        self._cut = True
        self._shut()

    def close(self) -> None:
        """Close the connection; the next message opens another."""
        connection, self._connection = self._connection, None
        wire, self._wire = self._wire, None
        if connection is not None:
            connection.close()
        if wire is not None:
            wire.close()


def _seconds(given: str | None) -> int | None:
    # The date form (RFC 9110, 10.2.3) would trust the receiver's clock; our own plan serves then.
    if given is None or not (given.isascii() and given.isdecimal() and len(given) < 8):
        return None
    return int(given)


def _say(error: Exception) -> str:
    """Return why no answer came, as a sentence."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"The receiver's certificate is not trusted: {error.verify_message}."
        case ssl.SSLError():
            return f"There is no encrypted connection to the receiver ({error.reason})."
        case TimeoutError():
            return "The receiver did not answer in time."
        case ConnectionRefusedError():
            return "The receiver refused the connection: nothing listens there."
        case http.client.RemoteDisconnected() | ConnectionError():
            return "The receiver ended the connection without an answer."
        case OSError():
            return f"The receiver cannot be reached ({error.strerror or type(error).__name__})."
        case _:
            return "What the receiver answered is not HTTP."
