"""Bytes from outside become values: bodies, JSON, headers.

>>> parse_json(b'{"printer": "zebra"}')
{'printer': 'zebra'}
>>> parse_json(b'{"copies": 1,}')
Traceback (most recent call last):
    ...
gateway.errors.Unreadable: The body is not JSON at line 1, column 14: Expecting property name enclosed in double quotes.
"""  # noqa: E501 - a message whole

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import NoReturn

from gateway.api.security import ClientGone, Receive
from gateway.errors import InputRefused, Unreadable
from gateway.store.requests import Request

BODY_SECONDS = 30.0
"""A body that is longer on its way is given up: a thousand slow ones would fill the gateway."""

LONGEST_KEY = 200
"""Characters of an Idempotency-Key."""


def _no_constant(name: str) -> NoReturn:
    raise Unreadable(f"The body holds {name}, which is not JSON; leave the field out instead.")


_decode = json.JSONDecoder(parse_constant=_no_constant).decode


class _Patience:
    """Ends a task's wait after ``BODY_SECONDS``: ``asyncio.timeout`` at a sixth of its price."""

    __slots__ = ("_task", "_timer", "ended")

    def __init__(self, task: asyncio.Task[object]) -> None:
        self._task, self.ended = task, False
        self._timer = task.get_loop().call_later(BODY_SECONDS, self._end)

    def _end(self) -> None:
        self.ended = True
        self._task.cancel()

    def stop(self) -> None:
        """Let the task wait for other things as long as it likes."""
        self._timer.cancel()


async def read_body(receive: Receive) -> bytes:
    """Return the whole body.

    Raises:
        Unreadable: it did not come within half a minute.
        ClientGone: the caller has left.
    """
    task = asyncio.current_task()
    assert task is not None
    patience = _Patience(task)
    try:
        message = await receive()
        body: bytes = message.get("body", b"")
        if message.get("more_body"):
            chunks = [body]
            while message.get("more_body"):
                message = await receive()
                chunks.append(message.get("body", b""))
            body = b"".join(chunks)
    except asyncio.CancelledError:
        if not patience.ended or task.uncancel():  # somebody else ends the task
            raise
        raise Unreadable(
            f"The body did not arrive within {BODY_SECONDS:.0f} seconds; send it again."
        ) from None
    finally:
        patience.stop()
    if message["type"] == "http.disconnect":
        raise ClientGone
    return body


def check_json_type(content_type: bytes | None) -> None:
    """Check that a body says it is JSON: a foreign page's form cannot say so.

    Raises:
        Unreadable: it says something else, or nothing.
    """
    kind = (content_type or b"").partition(b";")[0].strip().lower()
    if kind != b"application/json" and not (
        kind.startswith(b"application/") and kind.endswith(b"+json")
    ):
        raise Unreadable(
            "The body must be JSON and say so: send it with 'Content-Type: application/json', "
            f"not {kind[:80].decode('latin-1') or 'without one'}."
        )


def parse_json(body: bytes) -> object:
    """Return the JSON value in the body.

    Raises:
        Unreadable: it is not UTF-8, not JSON, nested too deeply, or holds half a character.
    """
    try:
        value: object = _decode(body.decode())
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"The body is not UTF-8 at byte {error.start}; send JSON as UTF-8."
        ) from None
    except json.JSONDecodeError as error:
        raise Unreadable(
            f"The body is not JSON at line {error.lineno}, column {error.colno}: {error.msg}."
        ) from None
    except RecursionError:
        raise Unreadable("The body is nested too deeply; no request needs ten levels.") from None
    except ValueError as error:  # a number of thousands of digits
        raise Unreadable(f"The body is not JSON the gateway can read: {error}.") from None
    if b"\\u" in body:  # only an escape can write half of a surrogate pair
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            half = ord(error.object[error.start])
            raise Unreadable(
                f"The body holds half a character (U+{half:04X}); send whole characters as UTF-8."
            ) from None
    return value


def parse_object(body: bytes) -> dict[str, object]:
    """Return the JSON object in the body.

    Raises:
        Unreadable: it is not JSON.
        InputRefused: it is JSON, and no object.
    """
    value = parse_json(body)
    if not isinstance(value, dict):
        raise InputRefused(f"The body must be a JSON object, got {say(value)}.")
    return value


def say(value: object) -> str:
    """Return a JSON value as a sentence shows it: short.

    >>> say("zebra"), say(None), say([1, 2]), say(True)
    ("'zebra'", 'null', 'a list', 'true')
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return repr(value if len(value) <= 40 else value[:39] + "…")
        case int() | float():
            return repr(value)
        case list():
            return "a list"
        case _:
            return "an object"


def refuse_unknown(value: Mapping[str, object], known: Iterable[str], what: str) -> None:
    """Check that an object has no key but the known ones.

    Raises:
        InputRefused: it has another; names it, and the nearest that there is.
    """
    names = list(known)
    for key in value:
        if key not in names:
            from difflib import get_close_matches  # late: only a mistake needs it

            near = get_close_matches(key, names, 1)
            raise InputRefused(
                f"{what} has no {key[:80]!r}; "
                + (f"did you mean {near[0]!r}?" if near else f"it can have {', '.join(names)}."),
                key=key[:80],
            )


def read_request(
    actor: str, headers: Mapping[bytes, bytes], method: str, target: bytes, body: bytes
) -> Request | None:
    """Return what makes a request act once; None when it has no ``Idempotency-Key``.

    Raises:
        InputRefused: the key is empty, too long, or not plain text.
    """
    given = headers.get(b"idempotency-key")
    if given is None:
        return None
    key = given.decode("latin-1")
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise InputRefused(
            f"The Idempotency-Key must be 1 to {LONGEST_KEY} printable characters, "
            f"got {len(key)}; a UUID is a good one."
        )
    digest = sha256(b"%b %b\n%b" % (method.encode(), target, body)).digest()
    return Request(actor, key, digest)
