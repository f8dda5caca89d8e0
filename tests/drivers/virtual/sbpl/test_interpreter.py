"""The virtual SBPL printer by itself: what it draws, answers, forgets, and survives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.drivers.virtual.sbpl.interpreter import Interpreter
from tests.drivers.languages.speaking import Spoken, speaking

LABEL = (
    b"\x02\x1bA\x1b%0\x1bV0010\x1bH0010\x1bP02\x1bL0101\x1bMBox\x1bV0040\x1bH0020"
    b"\x1bBG02030>HA1\x1bV5\x1bH5\x1bFW0202V0150H0200\x1bV0100\x1bH0009\x1bGH001001"
    b"FF818181818181FF\x1bGB001001\x1b\x18\x05\x02\x03AZ\x00\x1bD20203012345678\x1bQ1\x1bZ\x03"
)


def item(content: bytes) -> bytes:
    return b"\x02\x1bA" + content + b"\x1bQ1\x1bZ\x03"


def art(printer: Spoken) -> list[str]:
    return [piece.tile.art() for piece in printer.pieces()]


def test_a_label_is_the_same_however_its_bytes_are_cut() -> None:
    with speaking("sbpl", 8, 240, 160, head=240) as printer:
        printer.feed(LABEL)
        for byte in LABEL:
            printer.feed(bytes([byte]))
        whole, cut = art(printer)
        assert [piece.unknown for piece in printer.pieces()] == [(), ()]
    assert whole == cut


def test_places_count_from_one() -> None:
    with speaking("sbpl", 8, 12, 10, head=12) as printer:
        printer.feed(item(b"\x1bV2\x1bH3\x1bGB001001\xff\x81" + bytes(6)))
        (drawn,) = art(printer)
    rows = drawn.split("\n")
    assert rows[:3] == ["............", "..########..", "..#......#.."]


def test_size_and_origin_can_be_said() -> None:
    with speaking("sbpl", 8, 800, 600) as printer:
        printer.feed(b"\x1bA\x1bA3V+00000H+0000\x1bA1V00080H0160\x1bZ" + item(b"\x1bXMx"))
        (piece,) = printer.pieces()
    assert (piece.tile.width, piece.tile.height, piece.unknown) == (160, 80, ())


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"\x1bBG02060>GAB>C1234", "AB1234"),
        (b"\x1bBG02060>I1234>DAB", "1234AB"),
        (b"\x1bBG02060>I>F0109521234543213", "(01)09521234543213"),
        (b"\x1bB103060*SN-1*", "SN-1"),
        (b"\x1bBD202060123456", "123456"),
        (b"\x1b2D30,M,04,1,0\x1bDN0004,SN-1", "SN-1"),
        (b"\x1b2D50,04,04,000,000\x1bDN0005,SN~~1", "SN~1"),
    ],
)
def test_codes_read(content: bytes, text: str) -> None:
    with speaking("sbpl", 8, 800, 300) as printer:
        printer.feed(item(b"\x1bV50\x1bH50" + content))
        (piece,) = printer.pieces()
    shown = [code.text.replace("<GS>", "") for code in piece.codes]
    assert (piece.unknown, shown) == ((), [text]) or shown == [text.replace("(01)", "01")]


@pytest.mark.parametrize(
    ("content", "listed"),
    [
        (b"\x1bYnonsense", "Ynonsense"),
        (b"\x1bV12x", "12x"),
        (b"\x1bBG02060>I123", "Code set C carries pairs of digits, got '3'."),
        (b"\x1bB103060SN-1", "Code 39 data begin and end with an asterisk."),
        (b"\x1bDN0002,ab", "DN without a 2D code"),
        (b"\x1bGH001001" + b"x" * 16, "GH xxxxxxxxxxxxxxxx"),
        (b"\x1b%1", "%1"),
    ],
)
def test_what_is_not_understood_is_listed_with_its_label(content: bytes, listed: str) -> None:
    with speaking("sbpl", 8, 240, 160) as printer:
        printer.feed(item(content))
        (piece,) = printer.pieces()
    assert piece.unknown == (listed,)


def test_a_status_says_job_state_and_what_is_left() -> None:
    with speaking("sbpl", 8, 240, 160) as printer:
        machine = printer.machine
        printer.feed(b"\x05")
        machine.paper_out()
        printer.language.feed(
            b"\x02\x1bA\x1bID07\x1bWKGW1\x1bXMx\x1bQ2\x1bZ\x03\x05", machine.session
        )
        machine.open_head()
        printer.language.feed(b"\x05", machine.session)
        machine.load_paper()
        machine.close_head()
        assert machine.wait_idle(30)
        printer.feed(b"\x05")
        frames = printer.answers.split(b"\x03")[:-1]
    name = b"GW1".ljust(16)
    assert frames == [
        b"\x02  A000000" + b" " * 16,
        b"\x0207c000002" + name,
        b"\x0207b000002" + name,
        b"\x02  A000000" + b" " * 16,
    ]


def test_the_older_status_has_no_name_and_a_network_may_put_the_length_before() -> None:
    with speaking("sbpl", 8, 240, 160) as printer:
        assert isinstance(printer.language, Interpreter)
        printer.language.protocol = 3
        printer.feed(b"\x05")
        assert printer.answers == b"\x02  A000000\x03"
        printer.answers.clear()
        printer.language.protocol, printer.language.legacy = 4, True
        printer.feed(b"\x05")
        assert printer.answers == b"\0\0\0\x1c\x05\x02  A000000" + b" " * 16 + b"\x03"


def test_can_forgets_what_waits_and_what_is_half_received() -> None:
    with speaking("sbpl", 8, 240, 160) as printer:
        printer.machine.pause()
        printer.language.feed(LABEL + b"\x02\x1bA\x1bXMx\x18\x05", printer.machine.session)
        printer.machine.resume()
        printer.feed(b"")
        assert printer.pieces() == []
        assert printer.answers == b"\x06\x02  0000000" + b" " * 16 + b"\x03"


def test_what_is_no_item_is_noted() -> None:
    with speaking("sbpl", 8, 240, 160) as printer:
        printer.feed(b"stray\x1bV1\x01MG")
        noted = [event.what for event in printer.machine.admin_events()]
    assert noted[:2] == ["data outside an item", "ESC outside an item"]
    assert "SOH outside an item" in noted


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.binary(max_size=60)
        | st.sampled_from(LABEL.split(b"\x1b")).map(lambda command: b"\x1b" + command)
        | st.sampled_from([b"\x02\x1bA", b"\x1bQ2\x1bZ", b"\x1bGB009009", b"\x1bDN0099,"]),
        max_size=12,
    )
)  # fmt: skip
def test_malformed_bytes_never_break_it(parts: list[bytes]) -> None:
    with speaking("sbpl", 8, 240, 160) as printer:
        assert isinstance(printer.language, Interpreter)
        for part in parts:
            printer.feed(part)
        printer.language.lose_power()
        before = len(printer.pieces())
        printer.feed(LABEL)
        assert len(printer.pieces()) == before + 1
