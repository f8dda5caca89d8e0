"""Whatever a device answers, asking it ends, in time and without a fault."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.drivers.finding.matching import guess_language, guess_model
from gateway.drivers.identifying import PROBES, identify_on, probe_for
from gateway.drivers.identifying.asking import Talk
from gateway.drivers.snmp import read_reply


class Babbler:
    """A wire on which the next words come whatever was asked; ``None`` is silence."""

    def __init__(self, words: Iterator[bytes | None]) -> None:
        self._words = words

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
        return len(payload)

    def read(self, timeout: float) -> bytes:
        if timeout <= 0:
            return b""
        return next(self._words, None) or b""

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.threat("T6")
@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(PROBES)), st.lists(st.binary(max_size=80), max_size=12))
def test_no_answer_breaks_the_questions_of_a_language(language: str, said: list[bytes]) -> None:
    probe = probe_for(language)
    for words in said:
        probe.recognise(words)
    heard = RECOGNISED[language]
    assert probe.recognise(heard)
    traits = probe.learn(Talk(Babbler(iter(said)), 0.01), heard)
    assert traits.language in PROBES
    assert all(text.isprintable() and len(text) <= 200 for text in traits.said.values())


RECOGNISED = {
    "escpos": b"\x12",
    "tspl": b"\0",
    "cpcl": b"\0",
    "dpl": b"NNNNNNNN\r",
    "sbpl": b"\x02  A000000\x03",
    "zpl": b"\x02ZTC ZD421-300dpi ZPL,V93.21.26Z,12,8192KB,X\x03\r\n",
    "epl": b"00\r\n",
    "brother-ql": b"\x80\x20B4\x38" + b"\xff" * 27,
}


@given(st.text(max_size=100), st.text(max_size=100), st.lists(st.text(max_size=10), max_size=3))
def test_no_name_breaks_the_guessing(maker: str, model: str, commands: list[str]) -> None:
    guess_model(maker, model, commands, model)
    assert guess_language(maker, model, commands) in {"", *PROBES}


@given(st.binary(max_size=300))
def test_no_datagram_breaks_the_reading_of_snmp(datagram: bytes) -> None:
    number, text = read_reply(datagram)
    assert number >= -1
    assert len(text) <= len(datagram)


class Flood:
    """A device that never stops talking, and takes all the time there is."""

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
        return len(payload)

    def read(self, timeout: float) -> bytes:
        return b"\x12" * 4096

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.threat("T17")
def test_a_device_that_never_stops_talking_is_left_in_time() -> None:
    begun = time.monotonic()
    proposal = identify_on(Flood(), "tcp://10.0.0.7:9100", timeout=1.0)
    assert proposal.sure == "unknown"
    assert time.monotonic() - begun < 30


class Full:
    """A device that takes nothing."""

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
        time.sleep(min(timeout, 0.05))
        return 0

    def read(self, timeout: float) -> bytes:
        return b""

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.threat("T17")
def test_a_device_that_takes_nothing_is_left_in_time() -> None:
    begun = time.monotonic()
    assert identify_on(Full(), "tcp://10.0.0.7:9100", timeout=0.5).sure == "unknown"
    assert time.monotonic() - begun < 30


def test_a_sato_printer_that_puts_the_length_before_its_answer_is_known() -> None:
    heard = b"\x00\x00\x00\x0b\x05\x02  A000000\x03"
    assert probe_for("sbpl").recognise(heard)
    assert probe_for("sbpl").learn(Talk(Babbler(iter(())), 0.01), heard).said["status"] == "A"
