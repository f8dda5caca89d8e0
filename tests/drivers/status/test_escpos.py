"""What ESC/POS printers say, whole, byte by byte, between other things and cut off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.drivers.status.escpos import (
    OFFLINE,
    Answer,
    Automatic,
    Cleared,
    Identity,
    InTurn,
    Noise,
    ProcessId,
    RealTime,
    StatusReader,
    troubles,
)
from gateway.drivers.status.problems import PROBLEMS
from gateway.drivers.virtual.escpos import answers
from gateway.drivers.virtual.machine import Machine, Make
from gateway.drivers.virtual.paper import Paper

SAID: list[tuple[bytes, Answer]] = [
    (b"\x12", RealTime(0x12)),
    (b"\x7e", RealTime(0x7E)),
    (b"\x10\x00\x0f\x0f", Automatic(b"\x10\x00\x0f\x0f")),
    (b"\x37\x22PR01\0", ProcessId("PR01")),
    (b"\x37\x2272>6\0", ProcessId("72>6")),
    (b"\x37\x25\0", Cleared()),
    (b"\x37\x38\x40\x41\0", Noise(b"\x37\x38\x40\x41\0")),
    (b"\0", InTurn(0)),
    (b"\x0c", InTurn(12)),
    (b"_EPSON\0", Identity("EPSON")),
    (b"_a\xe9\x7f\0", Identity("a??")),
    (b"_\0", Identity("")),
    (b"\x80", Noise(b"\x80")),
]


def read(parts: list[bytes]) -> list[Answer]:
    reader = StatusReader()
    return [answer for part in parts for answer in reader.feed(part)]


@given(st.lists(st.sampled_from(SAID), max_size=12), st.data())
def test_answers_are_the_same_however_the_bytes_are_cut(
    said: list[tuple[bytes, Answer]], data: st.DataObject
) -> None:
    stream = b"".join(octets for octets, _ in said)
    expected = [answer for _, answer in said]
    assert read([stream]) == expected
    assert read([stream[at : at + 1] for at in range(len(stream))]) == expected
    cut = data.draw(st.integers(0, len(stream)))
    assert read([stream[:cut], stream[cut:], b"\x11\x13"]) == expected


def test_answers_in_real_time_and_flow_control_may_stand_inside_others() -> None:
    assert read([b"\x37\x22A\x11BC\x13\x12D\0"]) == [RealTime(0x12), ProcessId("ABCD")]
    assert read([b"\x10\x00\x1a\x00\x0f"]) == [RealTime(0x1A), Automatic(b"\x10\x00\x00\x0f")]


def test_an_automatic_status_that_breaks_off_is_noise_and_nothing_behind_it_is_lost() -> None:
    assert read([b"\x10\x00\x37\x22ABCD\0"]) == [Noise(b"\x10\x00"), ProcessId("ABCD")]


@given(st.binary(max_size=2000))
def test_any_bytes_are_read_and_little_is_kept(octets: bytes) -> None:
    reader = StatusReader()
    reader.feed(octets)
    assert len(reader._block) <= 512
    assert RealTime(0x12) in reader.feed(bytes(600) + b"\x12")


@pytest.mark.parametrize(
    ("bits", "kinds"),
    [
        ((0x12, 0x12, 0x12, 0x12), []),
        ((0x1A, 0x16, 0x12, 0x12), ["head_open"]),
        ((0x1A, 0x32, 0x12, 0x7E), ["paper_out"]),
        ((0x1A, 0x36, 0x12, 0x12), ["head_open", "paper_out"]),
        ((0x1A, 0x52, 0x1A, 0x12), ["cutter_fault"]),
        ((0x1A, 0x52, 0x52, 0x12), ["head_too_hot"]),
        ((0x1A, 0x52, 0x32, 0x12), ["printer_error"]),
        ((0x1A, 0x52, 0x12, 0x12), ["printer_error"]),
        ((0x1A, 0x12, 0x12, 0x12), ["offline"]),
        ((0x12, 0x12, 0x12, 0x1E), ["paper_near_end"]),
    ],
)
def test_bits_are_troubles_in_words(bits: tuple[int, int, int, int], kinds: list[str]) -> None:
    known = {**PROBLEMS, "offline": OFFLINE}
    assert troubles([RealTime(one) for one in bits]) == tuple(known[kind] for kind in kinds)


def test_what_a_virtual_printer_says_of_its_faults_is_understood() -> None:
    machine = Machine(Paper(), Make())

    def kinds() -> list[str]:
        said = b"".join(answers.real_time(n, machine.state()) for n in (1, 2, 3, 4))
        heard = [one for one in StatusReader().feed(said) if isinstance(one, RealTime)]
        return [problem.kind for problem in troubles(heard)]

    assert kinds() == []
    machine.paper_out()
    assert kinds() == ["paper_out"]
    machine.open_head()
    assert kinds() == ["head_open", "paper_out"]
    machine.load_paper()
    machine.close_head()
    machine.pause()
    assert kinds() == ["offline"]
    assert StatusReader().feed(answers.automatic(machine.state())) == [
        Automatic(b"\x18\x00\x00\x0f")
    ]
