"""The log: one line a record, nothing in it that could pass for another line, no secret.

Every module logs a constant message with fields (``extra``); the fields follow the message as
``name=value``, or are members of the JSON object:

>>> record = logging.makeLogRecord({"msg": "label sent", "levelno": 20, "levelname": "INFO"})
>>> record.name, record.created, record.job, record.note = "gateway.printing", 0.0, "J12", "a\\nb"
>>> TextLines().format(record)
'1970-01-01T00:00:00.000Z INFO gateway.printing: label sent job=J12 note=a\\\\nb'
>>> JsonLines().format(record)[:87]
'{"at":"1970-01-01T00:00:00.000Z","level":"info","logger":"gateway.printing","message":"'
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import TextIO

from gateway.config import LogFormat, LogLevel

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "color_message"}
"""What every record has; what else it has are the fields it was logged with."""

_SECRET_NAME = re.compile(r"authorization|cookie|password|secret|token", re.IGNORECASE)
_SECRET = re.compile(
    # A key of ours, gw_<id>_<secret>: its id stays, so that one can see which it was.
    r"(?P<id>gw_[A-Za-z0-9]{1,16}_)[A-Za-z0-9_-]{8,}"
    # A header as it travels, whatever scheme it names.
    r"|(?P<header>\bAuthorization['\"]?\s*[:=]\s*(?:b?['\"])?(?:Bearer|Basic|Digest)?\s*)[^\s'\",]+"
    r"|(?P<bearer>\bBearer\s+)[^\s'\",]+",
    re.IGNORECASE,
)
_UNSEEN = re.compile(
    # C0, DEL, C1, line and paragraph separators, and what turns the direction of text: a line of
    # the log shows what is in it and nothing else.
    "[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069\\u200e\\u200f\\ufeff\\ud800-\\udfff]"
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def escape(text: str) -> str:
    r"""Return the text on one line, with what cannot be seen written out.

    >>> escape("a\nb\x1b[2Jc\u202e")
    'a\\nb\\x1b[2Jc\\u202e'
    """
    return _UNSEEN.sub(_written_out, text)


def _written_out(match: re.Match[str]) -> str:
    character = match[0]
    number = ord(character)
    return _SHORT.get(character) or (f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}")


def redact(text: str) -> str:
    """Return the text without keys.

    >>> redact("key gw_ab12cd34_q83kfjd93kdk39d was refused; Authorization: Bearer abc")
    'key gw_ab12cd34_*** was refused; Authorization: Bearer ***'
    """
    return _SECRET.sub(lambda m: (m["id"] or m["header"] or m["bearer"]) + "***", text)


class _Lines(logging.Formatter):
    def fields_of(self, record: logging.LogRecord) -> dict[str, str | int | float | bool | None]:
        """Return what the record was logged with, as plain values without secrets."""
        return {
            name: "***" if _SECRET_NAME.search(name) else _plain(value)
            for name, value in record.__dict__.items()
            if name not in _STANDARD
        }

    def trouble_of(self, record: logging.LogRecord) -> str | None:
        """Return the traceback the record carries, if any."""
        if record.exc_info and record.exc_info[0] is not None:
            return redact(self.formatException(record.exc_info))
        return None


def _plain(value: object) -> str | int | float | bool | None:
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact(str(value))


def _moment(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class TextLines(_Lines):
    """One line for people; a traceback follows on the same line, written out."""

    def format(self, record: logging.LogRecord) -> str:
        parts = [redact(record.getMessage())]
        parts += [f"{name}={value}" for name, value in self.fields_of(record).items()]
        if trouble := self.trouble_of(record):
            parts.append(f"traceback={trouble}")
        return escape(f"{_moment(record)} {record.levelname} {record.name}: {' '.join(parts)}")


class JsonLines(_Lines):
    """One JSON object a line, for programs."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        # A field never takes the place of one of ours.
        line |= {n if n not in line else f"{n}_": v for n, v in self.fields_of(record).items()}
        if trouble := self.trouble_of(record):
            line["traceback"] = trouble
        # ASCII only: JSON's own escapes then cover every character that could mislead.
        return json.dumps(line, separators=(",", ":"), allow_nan=True)


class _Stream(logging.StreamHandler[TextIO]):
    """Writes what the console cannot show as an escape instead of failing."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record) + "\n"
            encoding = getattr(self.stream, "encoding", None) or "utf-8"
            self.stream.write(line.encode(encoding, "backslashreplace").decode(encoding))
            self.flush()
        except Exception:  # noqa: BLE001 - a log that cannot be written stops nobody
            self.handleError(record)


def start_logging(level: LogLevel, format: LogFormat, stream: TextIO | None = None) -> None:
    """Send every record of the process to ``stream`` (standard error), one line each.

    Servers that bring their own handlers (uvicorn) are to be started with ``log_config=None``.
    """
    handler = _Stream(stream if stream is not None else sys.stderr)
    handler.setFormatter(JsonLines() if format == "json" else TextLines())
    root = logging.getLogger()
    for old in list(root.handlers):
        if isinstance(old, _Stream):
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    # They say at INFO what the feed says better.
    for chatty in ("httpx", "httpcore", "alembic", "uvicorn"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
