"""Framing: the same reads however the bytes are cut, and no piece of a code taken for a code."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.scanners.framing import Framer
from gateway.scanners.reads import Read
from gateway.scanners.scanner import Profile, read_profile


def framer(**options: object) -> Framer:
    return Framer(read_profile(options))


def texts(reads: list[Read]) -> list[str]:
    return [f"{read.aim}{read.text}{'!' + read.fault if read.fault else ''}" for read in reads]


@pytest.mark.parametrize(
    ("options", "stream", "codes"),
    [
        ({}, b"A1\rA2\nA3\r\nA4\r", ["A1", "A2", "A3", "A4"]),
        ({"suffix": "cr"}, b"A1\rA2\r", ["A1", "A2"]),
        ({"suffix": "lf"}, b"A1\r\nA2\n", ["A1", "A2"]),
        ({"suffix": "crlf"}, b"A1\r\nA2\r\n\r\n", ["A1", "A2"]),
        ({"suffix": "tab"}, b"A1\tA2\t", ["A1", "A2"]),
        ({"suffix": "etx", "prefix": "\x02"}, b"\x02A1\x03\x02A2\x03", ["A1", "A2"]),
        ({"suffix": "#!"}, b"A#1#!A2#!", ["A#1", "A2"]),
        ({"prefix": "S:"}, b"S:A1\r", ["A1"]),
        ({"prefix": "S:"}, b"A1\r", ["A1!incomplete"]),
        ({"aim": True}, b"]C1010950\x1d21A\r]Q3X\rY\r", ["]C1010950\x1d21A", "]Q3X", "Y"]),
        ({"aim": True, "prefix": "\x02"}, b"\x02]E09501234\r", ["]E09501234"]),
        ({"gs": "|"}, b"0109501234|21A|10B\r", ["0109501234\x1d21A\x1d10B"]),
        ({"gs": "{GS}"}, b"01{GS}21A\r", ["01\x1d21A"]),
        ({"length": 4, "suffix": "none"}, b"A1B2C3D4", ["A1B2", "C3D4"]),
        (
            {"length": 4, "suffix": "none", "aim": True, "prefix": "\x02"},
            b"\x02]C0A1B2\x02]C0C3D4",
            ["]C0A1B2", "]C0C3D4"],
        ),
        ({"length": 4}, b"A1B2\rA1B\rA1B2C\r", ["A1B2", "A1B!incomplete", "A1B2C!incomplete"]),
        ({"encoding": "cp1252"}, b"M\xfcller\r", ["Müller"]),
        ({"encoding": "shift_jis"}, "倉庫\r".encode("shift_jis"), ["倉庫"]),
        ({}, b"M\xfcller\r", ["M\\ufffdller!encoding"]),
        ({}, b"A\x1b[2J\r", ["A\\u001b[2J!characters"]),
        ({}, b"  A1 \r", ["A1"]),
        ({}, b"\r\n \r\n", []),
        ({"longest": 4}, b"ABCD\rABCDE\r", ["ABCD", "ABCD!too_long"]),
    ],
)
def test_codes_are_cut_as_the_profile_says(
    options: dict[str, object], stream: bytes, codes: list[str]
) -> None:
    assert texts(framer(**options).feed(stream)) == codes
    byte_by_byte = framer(**options)
    reads = [read for byte in stream for read in byte_by_byte.feed(bytes([byte]))]
    assert texts(reads) == codes


@pytest.mark.parametrize("suffix", ["\r", "\r\n", "#+#"])
@pytest.mark.parametrize(("beyond", "fault"), [(0, "encoding"), (1, "too_long"), (2, "too_long")])
def test_the_most_bytes_of_a_code_are_the_same_in_one_chunk_and_in_many(
    suffix: str, beyond: int, fault: str
) -> None:
    # Ten characters of four bytes, and three bytes for a symbology identifier that may come.
    stream = b"\xff" * (43 + beyond) + suffix.encode() + b"B1" + suffix.encode()
    whole, one = framer(suffix=suffix, longest=10), framer(suffix=suffix, longest=10)
    reads = whole.feed(stream)
    assert [read.fault for read in reads] == [fault, ""]
    assert [read for byte in stream for read in one.feed(bytes([byte]))] == reads


def test_what_came_is_kept_as_it_came() -> None:
    assert framer(prefix="\x02", aim=True, gs="|").feed(b"\x02]C101|21A\r\n") == [
        Read(raw=b"\x02]C101|21A", text="01\x1d21A", aim="]C1", fault="")
    ]


def test_a_code_over_several_chunks_is_one() -> None:
    one = framer(suffix="crlf")
    assert (one.feed(b"A12"), one.pending) == ([], True)
    assert (one.feed(b"34\r"), one.pending) == ([], True)
    assert (texts(one.feed(b"\nB")), one.pending) == (["A1234"], True)


def test_silence_makes_a_code_without_its_end_incomplete() -> None:
    one = framer()
    one.feed(b"A12")
    assert one.flush() == [Read(raw=b"A12", text="A12", fault="incomplete")]
    assert (one.flush(), one.pending) == ([], False)


def test_the_rest_of_an_incomplete_code_is_never_taken_for_a_code() -> None:
    one = framer()
    one.feed(b"A12")
    one.flush()
    assert texts(one.feed(b"34\rB1\r")) == ["34!incomplete", "B1"]


def test_a_late_ending_alone_does_not_spoil_the_next_code() -> None:
    one = framer(suffix="cr")
    one.feed(b"A12")
    one.flush()
    assert texts(one.feed(b"\rB1\r")) == ["B1"]


def test_long_after_an_incomplete_code_the_next_is_whole() -> None:
    one = framer()
    one.feed(b"A12")
    one.flush()
    one.restart()
    assert texts(one.feed(b"B1\r")) == ["B1"]


def test_where_codes_have_no_ending_silence_ends_them() -> None:
    one = framer(suffix="none")
    assert (one.feed(b"A1"), one.feed(b"23")) == ([], [])
    assert texts(one.flush()) == ["A123"]
    one.feed(b"B1")
    assert texts(one.flush(lost=True)) == ["B1!incomplete"]


def test_too_few_bytes_of_a_fixed_length_are_incomplete() -> None:
    one = framer(suffix="none", length=4)
    assert texts(one.feed(b"A1B2C3")) == ["A1B2"]
    assert texts(one.flush()) == ["C3!incomplete"]
    assert texts(one.feed(b"D4E5")) == ["D4E5"]


@pytest.mark.threat("T11")
@pytest.mark.parametrize("suffix", ["enter", "crlf", "#+"])
def test_an_endless_code_is_one_fault_and_the_next_code_is_read(suffix: str) -> None:
    one = framer(suffix=suffix, longest=10)
    ending = {"enter": b"\r", "crlf": b"\r\n"}.get(suffix, b"#+")
    reads = []
    for _ in range(1000):
        reads += one.feed(b"X" * 100)
        assert len(one._held) <= 100, "it is not kept"
    assert texts(reads) == ["XXXXXXXXXX!too_long"]
    assert len(reads[0].raw) == 43
    assert one.flush() == [], "a pause in it ends nothing"
    assert texts(one.feed(b"XXX" + ending + b"B1" + ending)) == ["B1"]


def test_an_endless_code_without_endings_is_over_when_it_is_silent() -> None:
    one = framer(suffix="none", longest=10)
    assert texts(one.feed(b"X" * 100) + one.feed(b"Y")) == ["XXXXXXXXXX!too_long"]
    assert one.flush() == []
    one.feed(b"B1")
    assert texts(one.flush()) == ["B1"]


# ---------------------------------------------------------------------- any chunking


PROFILES = [
    read_profile(options)
    for options in (
        {"longest": 8},
        {"suffix": "crlf", "longest": 8},
        {"suffix": "ab", "longest": 3, "aim": True},
        {"suffix": "etx", "prefix": "\x02"},
        {"suffix": "none", "length": 5},
        {"suffix": "none", "longest": 4},
        {"suffix": "tab", "length": 3, "encoding": "gb18030"},
    )
]
PIECES = st.sampled_from(
    [b"\r", b"\n", b"\r\n", b"ab", b"a", b"b", b"\t", b"\x02", b"\x03", b"]C1", b"0", b"\xfc",
     b"\x81\x30\x81\x30", b"12345678", b"X" * 40]
)  # fmt: skip


@given(
    st.sampled_from(PROFILES),
    st.lists(PIECES, max_size=12).map(b"".join),
    st.lists(st.integers(0, 200), max_size=12),
)
def test_however_the_bytes_are_cut_the_reads_are_the_same(
    profile: Profile, stream: bytes, cuts: list[int]
) -> None:
    whole = Framer(profile)
    expected = whole.feed(stream) + whole.flush()
    one = Framer(profile)
    edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    reads = [read for start, end in pairwise(edges) for read in one.feed(stream[start:end])]
    assert reads + one.flush() == expected


@given(st.sampled_from(PROFILES), st.binary(max_size=300))
def test_no_bytes_break_the_framer_and_no_whole_read_holds_a_control(
    profile: Profile, stream: bytes
) -> None:
    one = Framer(profile)
    for read in one.feed(stream) + one.flush():
        if not read.fault:
            assert 0 < len(read.text) <= profile.longest
            assert not set(read.text) & {chr(c) for c in range(0x20)} - {"\x1d", "\x1e", "\x04"}
