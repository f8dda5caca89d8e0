"""Zebra's packets: read, acknowledged, asked for again, and never read twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.scanners.reads import Read
from gateway.scanners.scanner import read_profile
from gateway.scanners.ssi import BEEP, SsiFramer, packet

PROFILE = read_profile({"feedback": "ssi"})
ACKNOWLEDGED = bytes.fromhex("04 D0 04 00 FF 28")
AGAIN_PLEASE = bytes.fromhex("05 D1 04 00 01 FF 25")


def from_scanner(opcode: int, payload: bytes, status: int = 0) -> bytes:
    """Return a packet as the manual describes it, reckoned in another way than the product does."""
    body = bytes([len(payload) + 4, opcode, 0, status, *payload])
    checksum = ((sum(body) ^ 0xFFFF) + 1) & 0xFFFF
    return body + bytes([checksum >> 8, checksum & 0xFF])


def code(text: str, kind: int = 0x03, status: int = 0) -> bytes:
    return from_scanner(0xF3, bytes([kind]) + text.encode(), status)


def test_a_beep_is_the_packet_that_the_manual_shows() -> None:
    assert packet(BEEP, b"\x00").hex(" ").upper() == "05 E6 04 00 00 FF 11"


def test_a_code_is_read_and_acknowledged() -> None:
    framer = SsiFramer(PROFILE)
    assert framer.feed(code("A1234\r\n")) == [
        Read(raw=code("A1234\r\n")[:-2], text="A1234", aim="]C0")
    ]
    assert (framer.answer(), framer.answer(), framer.pending) == (ACKNOWLEDGED, b"", False)


def test_the_type_tells_gs1_128_from_code_128_and_leaves_the_rest_untold() -> None:
    framer = SsiFramer(PROFILE)
    reads = framer.feed(code("0195", 0x0F) + code("0195", 0x1B) + code("4006381333931", 0x0B))
    assert [(read.aim, read.text) for read in reads] == [
        ("]C1", "0195"), ("", "0195"), ("]E0", "4006381333931"),
    ]  # fmt: skip


def test_what_the_scanner_itself_says_of_the_code_wins() -> None:
    framer = SsiFramer(read_profile({"feedback": "ssi", "aim": True}))
    (read,) = framer.feed(code("]d20195", 0x1B))
    assert (read.aim, read.text) == ("]d2", "0195")


def test_a_packet_sent_again_because_our_answer_was_lost_is_one_scan() -> None:
    framer = SsiFramer(PROFILE)
    reads = framer.feed(code("A1") + code("A1", status=1))
    assert [read.text for read in reads] == ["A1"]
    assert framer.answer() == ACKNOWLEDGED * 2


def test_the_same_code_scanned_twice_is_two() -> None:
    assert [read.text for read in SsiFramer(PROFILE).feed(code("A1") * 2)] == ["A1", "A1"]


def test_a_packet_that_is_sent_again_and_was_never_read_is_read() -> None:
    framer = SsiFramer(PROFILE)
    garbled = code("A1").replace(b"A1", b"B1")
    assert framer.feed(garbled) == []
    assert framer.answer() == AGAIN_PLEASE
    assert [read.text for read in framer.feed(code("A1", status=1))] == ["A1"]


def test_answers_of_the_scanner_are_not_answered() -> None:
    framer = SsiFramer(PROFILE)
    assert framer.feed(from_scanner(0xD0, b"") + from_scanner(0xD1, b"\x02")) == []
    assert framer.answer() == b""


def test_other_packets_are_acknowledged_and_say_nothing() -> None:
    framer = SsiFramer(PROFILE)
    assert framer.feed(from_scanner(0xF6, b"\x01") + from_scanner(0xF3, b"")) == []
    assert framer.answer() == ACKNOWLEDGED * 2


def test_a_code_of_several_packets_is_not_acted_on() -> None:
    (read,) = SsiFramer(PROFILE).feed(code("A" * 250, status=2))
    assert read.fault == "incomplete"


def test_noise_before_a_packet_is_skipped() -> None:
    framer = SsiFramer(PROFILE)
    assert [read.text for read in framer.feed(b"\x00\x01AT\r" + code("A1"))] == ["A1"]


def test_what_a_silence_leaves_half_is_waited_for_again_and_reported_when_the_device_goes() -> None:
    framer = SsiFramer(PROFILE)
    framer.feed(code("A1234")[:7])
    assert framer.pending
    assert framer.flush() == []
    framer.feed(code("A1234")[:7])
    (read,) = framer.flush(lost=True)
    assert (read.text, read.fault) == ("A1", "incomplete")


def test_bytes_that_are_no_text_are_a_fault() -> None:
    (read,) = SsiFramer(PROFILE).feed(from_scanner(0xF3, b"\x03M\xfcller"))
    assert read.fault == "encoding"


@given(
    st.lists(st.sampled_from(["A1", "B22", "C" * 60]), max_size=5),
    st.lists(st.integers(1, 40), max_size=20),
)
def test_however_the_bytes_are_cut_the_reads_and_answers_are_the_same(
    codes: list[str], cuts: list[int]
) -> None:
    stream = b"".join(code(text) for text in codes)
    framer, reads, answers = SsiFramer(PROFILE), [], b""
    while stream:
        size = cuts.pop() if cuts else len(stream)
        chunk, stream = stream[:size], stream[size:]
        reads += framer.feed(chunk)
        answers += framer.answer()
    assert [read.text for read in reads] == codes
    assert answers == ACKNOWLEDGED * len(codes)


@given(st.binary(max_size=600))
def test_no_bytes_break_it(stream: bytes) -> None:
    framer = SsiFramer(PROFILE)
    framer.feed(stream)
    assert len(framer._held) <= 257
    framer.flush(lost=True)
