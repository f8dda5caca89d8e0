"""The body of ``POST /v1/jobs``: every value of the right type, checked by hand because it is hot.
Ranges are the desk's to check.

``JobBody`` in ``gateway.api.schemas`` says the same for people and OpenAPI; a test holds the two
together.

>>> parse_job(b'{"printer": "zebra", "template": "bin", "labels": [{"bin": "A-01"}]}').copies
1
>>> parse_job(b'{"printer": "zebra", "templat": "bin"}')
Traceback (most recent call last):
    ...
gateway.errors.InputRefused: A job has no 'templat'; did you mean 'template'?
"""

from __future__ import annotations

import binascii
import contextlib
import re
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from gateway.accepting import Document, JobRequest
from gateway.api.reading import parse_object, refuse_unknown, say
from gateway.api.security import LARGEST_BODY, LARGEST_DOCUMENT
from gateway.errors import DocumentRefused, InputRefused, TooLarge
from gateway.proofs import Proof

LONGEST_TITLE: Final = 200

KEYS: Final = (
    "printer", "template", "version", "labels", "copies", "mode", "priority", "hold", "strict",
    "expires_in", "title", "raw", "uncounted", "document", "stock", "proof",
)  # fmt: skip
DOCUMENT_KEYS: Final = ("content", "type", "fit", "rotation", "pages")
DOCUMENT_TYPES: Final = (
    "application/pdf", "image/png", "application/zpl", "application/octet-stream",
)  # fmt: skip
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
ONE_BLANK: Final[tuple[Mapping[str, object], ...]] = ({},)


def parse_job(body: bytes) -> JobRequest:
    """Return what a job's body asks for.

    Raises:
        Unreadable: it is not JSON.
        InputRefused: a key is unknown, missing, or of the wrong type.
        TooLarge: more bytes than one job may have.
    """
    job = parse_object(body)
    refuse_unknown(job, KEYS, "A job")
    template, raw, document = job.get("template"), job.get("raw"), job.get("document")
    if (template is not None) + (raw is not None) + (document is not None) != 1:
        raise InputRefused(
            "A job needs exactly one of 'template' (with 'labels'), 'raw' and 'document'; got "
            + (
                " and ".join(
                    repr(k) for k in ("template", "raw", "document") if job.get(k) is not None
                )
                or "none of them"
            )
            + "."
        )
    if document is None and len(body) > LARGEST_BODY:
        raise TooLarge(
            f"The job has {len(body):,} bytes and {LARGEST_BODY:,} are the most; send it in parts.",
            size=len(body),
            limit=LARGEST_BODY,
        )
    for key in ("labels", "version", "mode"):
        if template is None and job.get(key) is not None:
            raise InputRefused(f"{key!r} goes with a template, and this job has none.", key=key)
    if raw is None and document is None and _flag(job, "uncounted"):
        raise InputRefused("'uncounted' goes with raw printer commands; leave it out.")
    mode = job.get("mode")
    if mode is not None and not isinstance(mode, str):
        raise InputRefused(f"'mode' must be 'exact' or 'native', got {say(mode)}.", key="mode")
    return JobRequest(
        printer=_text(job, "printer"),
        template=None if template is None else _text(job, "template"),
        version=_version(job.get("version")),
        labels=ONE_BLANK if template is None else _rows(job.get("labels")),
        copies=_whole(job, "copies", 1),
        mode=mode,
        priority=_whole(job, "priority", 0),
        hold=_flag(job, "hold"),
        strict=_flag(job, "strict"),
        expires_in=_seconds(job.get("expires_in")),
        title=check_words(job.get("title", ""), "title"),
        raw=None if raw is None else _raw(raw),
        uncounted=_flag(job, "uncounted"),
        document=None if document is None else _document(document),
        stock=check_words(job.get("stock", ""), "stock"),
        proof=read_proof(job.get("proof")),
    )


def read_proof(value: object) -> Proof | None:
    """Return what a dry run has answered as its ``proof``.

    Raises:
        InputRefused: it is no such thing.
    """
    if value is None:
        return None
    if isinstance(value, dict) and value.keys() == {"sha256", "at"}:
        digest, at = value["sha256"], value["at"]
        if isinstance(digest, str) and _DIGEST.fullmatch(digest) and isinstance(at, str):
            with contextlib.suppress(ValueError, OverflowError):
                moment = datetime.fromisoformat(at)
                if moment.tzinfo is not None:
                    return Proof(digest, (moment - _EPOCH) // timedelta(microseconds=1))
    raise InputRefused(
        "'proof' must be what a dry run has answered: an object with 'sha256' and 'at'.",
        key="proof",
    )


def check_words(value: object, key: str) -> str:
    """Return a short text for people.

    Raises:
        InputRefused: it is no text, too long, or holds control characters.
    """
    if not isinstance(value, str) or len(value) > LONGEST_TITLE or not value.isprintable():
        raise InputRefused(
            f"{key!r} must be a text of at most {LONGEST_TITLE} characters on one line, got "
            f"{say(value)}.",
            key=key,
        )
    return value


def _text(job: Mapping[str, object], key: str) -> str:
    value = job.get(key)
    if isinstance(value, str) and value:
        return value
    if value is None:
        raise InputRefused(f"{key!r} is missing: a job names its {key}.", key=key)
    raise InputRefused(f"{key!r} must be a text, got {say(value)}.", key=key)


def _whole(job: Mapping[str, object], key: str, standard: int) -> int:
    value = job.get(key, standard)
    if type(value) is int:
        return value
    raise InputRefused(f"{key!r} must be a whole number, got {say(value)}.", key=key)


def _flag(job: Mapping[str, object], key: str) -> bool:
    value = job.get(key, False)
    if isinstance(value, bool):
        return value
    raise InputRefused(f"{key!r} must be true or false, got {say(value)}.", key=key)


def _version(value: object) -> str | None:
    if value is None:
        return None
    if type(value) is int:  # the number that people count by
        return str(value)
    if isinstance(value, str) and value:
        return value
    raise InputRefused(
        f"'version' must be a template's version or its number, got {say(value)}.", key="version"
    )


def _seconds(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise InputRefused(f"'expires_in' must be seconds, got {say(value)}.", key="expires_in")


def _rows(value: object) -> list[Mapping[str, object]]:
    if not isinstance(value, list) or not value:
        got = "none" if value is None else "an empty list" if value == [] else say(value)
        raise InputRefused(
            "'labels' must be a list with one object of fields for each label, such as "
            f'[{{"serial": "SN-000123"}}], got {got}.',
            key="labels",
        )
    for index, row in enumerate(value):
        if not isinstance(row, dict):
            raise InputRefused(
                f"Label {index + 1} must be an object of fields, got {say(row)}.",
                pointer=f"/labels/{index}",
            )
    return value


def _raw(value: object) -> bytes:
    if not isinstance(value, str) or not value:
        raise InputRefused(
            f"'raw' must be the printer's commands as a text, got {say(value)}.", key="raw"
        )
    content = value.encode()
    return _check_size(content)


def _document(value: object) -> Document:
    if not isinstance(value, dict):
        raise InputRefused(
            f"'document' must be an object with 'content' (base 64) and 'type', got {say(value)}.",
            key="document",
        )
    refuse_unknown(value, DOCUMENT_KEYS, "A document")
    kind = value.get("type")
    if kind not in DOCUMENT_TYPES:
        raise DocumentRefused(
            f"A document's type must be {', '.join(DOCUMENT_TYPES)}, got {say(kind)}.",
            pointer="/document/type",
        )
    content = value.get("content")
    try:
        decoded = b64decode(content, validate=True) if isinstance(content, str) else b""
    except (binascii.Error, ValueError):
        decoded = b""
    if not decoded:
        raise DocumentRefused(
            "A document's content must be its bytes in base 64.", pointer="/document/content"
        )
    rotation = value.get("rotation", 0)
    if rotation not in (0, 90, 180, 270) or isinstance(rotation, bool):
        raise DocumentRefused(
            f"A document's rotation must be 0, 90, 180 or 270 degrees, got {say(rotation)}.",
            pointer="/document/rotation",
        )
    fit, pages = value.get("fit", "contain"), value.get("pages", "")
    for key, text in (("fit", fit), ("pages", pages)):
        if not isinstance(text, str) or len(text) > LONGEST_TITLE:
            raise DocumentRefused(
                f"A document's {key} must be a short text, got {say(text)}.",
                pointer=f"/document/{key}",
            )
    return Document(_check_size(decoded), str(kind), str(fit), int(rotation), str(pages))


def _check_size(content: bytes) -> bytes:
    if len(content) > LARGEST_DOCUMENT:
        raise TooLarge(
            f"The document has {len(content):,} bytes and {LARGEST_DOCUMENT:,} are the most.",
            size=len(content),
            limit=LARGEST_DOCUMENT,
        )
    return content
