"""The log: one line a record, no secret, nothing that misleads who reads it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from gateway.config import LogFormat, LogLevel
from gateway.logs import JsonLines, escape, redact, start_logging

SECRET = "gw_ab12cd34_Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6"


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    logger = logging.getLogger()
    before, level = list(logger.handlers), logger.level
    quieted = {n: logging.getLogger(n).level for n in ("httpx", "httpcore", "alembic")}
    yield logger
    logger.handlers[:] = before
    logger.setLevel(level)
    for name, old in quieted.items():
        logging.getLogger(name).setLevel(old)


def lines(format: LogFormat, level: LogLevel = "info") -> io.StringIO:
    stream = io.StringIO()
    start_logging(level, format, stream)
    return stream


@pytest.mark.threat("T18")
@pytest.mark.parametrize("format", ["text", "json"])
def test_a_forged_line_stays_inside_its_own(root: logging.Logger, format: LogFormat) -> None:
    stream = lines(format)
    hostile = "x\n2099-01-01T00:00:00.000Z INFO gateway: all fine\r\x1b[2J\u202e\u2028\x85end"
    logging.getLogger("gateway.scan").warning("scan %s", hostile, extra={"code": hostile})
    text = stream.getvalue()
    assert text.splitlines() == [text.removesuffix("\n")]
    assert text.isascii()


@pytest.mark.threat("T18")
@pytest.mark.parametrize("format", ["text", "json"])
def test_no_key_is_ever_written(root: logging.Logger, format: LogFormat) -> None:
    stream = lines(format)
    log = logging.getLogger("gateway.api")
    log.info("key %s", SECRET, extra={"authorization": SECRET, "header": f"Bearer {SECRET}"})
    log.info("asked", extra={"webhook_secret": "planted"})
    log.info("headers %s", {"Authorization": "Bearer planted"})
    try:
        raise ValueError(SECRET)  # noqa: TRY301
    except ValueError:
        log.exception("failed")
    assert SECRET[12:] not in stream.getvalue()
    assert "planted" not in stream.getvalue()
    assert "gw_ab12cd34_***" in stream.getvalue()


def test_a_json_line_has_the_fields_beside_the_message(root: logging.Logger) -> None:
    record = logging.LogRecord("gateway.x", 30, "x.py", 1, "sent %d", (3,), None)
    record.__dict__ |= {"created": 1.5, "job": "J12", "bytes": 100, "level": "mine"}
    assert json.loads(JsonLines().format(record)) == {
        "at": "1970-01-01T00:00:01.500Z",
        "level": "warning",
        "logger": "gateway.x",
        "message": "sent 3",
        "job": "J12",
        "bytes": 100,
        "level_": "mine",
    }


def test_a_traceback_is_part_of_its_line(root: logging.Logger) -> None:
    stream = lines("text")
    try:
        raise ValueError("no")  # noqa: TRY301
    except ValueError:
        logging.getLogger("gateway.x").exception("broken")
    text = stream.getvalue()
    assert text.count("\n") == 1
    assert "ERROR gateway.x: broken traceback=Traceback (most recent call last):\\n" in text
    assert text.endswith("ValueError: no\n")


def test_starting_twice_writes_each_record_once(root: logging.Logger) -> None:
    first, second = lines("text"), lines("text", "error")
    logging.getLogger("gateway.x").warning("quiet")
    logging.getLogger("gateway.x").error("loud")
    assert first.getvalue() == ""
    assert second.getvalue().endswith("ERROR gateway.x: loud\n")
    assert second.getvalue().count("\n") == 1


def test_a_console_that_cannot_show_a_character_gets_its_escape(root: logging.Logger) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="cp1252", newline="\n")
    start_logging("info", "text", stream)
    logging.getLogger("gateway.x").info("漢 ä")
    stream.flush()
    assert raw.getvalue().endswith("gateway.x: \\u6f22 ä\n".encode("cp1252"))
    logging.getLogger().handlers.pop()
    stream.close()


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        (f"curl -H 'Authorization: Bearer {SECRET}'", "curl -H 'Authorization: Bearer ***'"),
        ("Authorization: Basic dTpw", "Authorization: Basic ***"),
        (SECRET, "gw_ab12cd34_***"),
        ("the printer GW-L123 is fine", "the printer GW-L123 is fine"),
    ],
)
def test_redaction_takes_the_secret_and_leaves_the_sentence(text: str, safe: str) -> None:
    assert redact(text) == safe


def test_what_can_be_seen_is_left_alone() -> None:
    assert escape("Grüße, 世界 – ok\\n") == "Grüße, 世界 – ok\\n"
