"""ESC/POS commands one by one: what is on the paper, what is said back, what never crashes."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.drivers.virtual.canvas import Tile
from gateway.drivers.virtual.escpos.interpreter import ACTS, Interpreter
from gateway.drivers.virtual.machine import Machine, Make, Pace
from gateway.drivers.virtual.paper import Paper
from gateway.drivers.virtual.preview import DrawnLabel, draw_commands

SLOWEST = 30.0
"""Seconds; only a hang takes as long."""


def drawn(commands: bytes, *, density: object = 8) -> list[DrawnLabel]:
    return draw_commands(
        "escpos", commands, density=density, width_mm=40, height_mm=25  # type: ignore[arg-type]
    )  # fmt: skip


def only(commands: bytes) -> Tile:
    (label,) = drawn(commands)
    assert label.unknown == ()
    return label.tile


def box_of(commands: bytes) -> tuple[int, int, int, int]:
    box = only(commands).ink_box()
    assert box is not None
    return box


# --- standard mode -----------------------------------------------------------------------------

SQUARE = b"\x1dv0\0\x02\0\x10\0" + b"\xff" * 32
"""16 × 16 dots."""


def test_pictures_feed_their_height_and_nothing_else() -> None:
    assert only(SQUARE * 3).height == 48
    assert box_of(SQUARE + b"\x1dv0\0\x01\0\x05\0" + bytes(5)) == (0, 0, 16, 16)


@pytest.mark.parametrize(
    ("mode", "box"), [(0, (0, 0, 16, 16)), (1, (0, 0, 32, 16)), (2, (0, 0, 16, 32)),
                      (51, (0, 0, 32, 32))],
)  # fmt: skip
def test_pictures_are_enlarged_as_asked(mode: int, box: tuple[int, int, int, int]) -> None:
    assert box_of(b"\x1dv0" + bytes([mode]) + SQUARE[4:]) == box


def test_graphics_have_a_width_in_dots_and_are_printed_by_another_function() -> None:
    store = b"\x1d(L\x0e\0\x30p0\x01\x011\x09\0\x02\0\xff\x80\x80\x80"
    assert drawn(store) == []
    assert only(store + b"\x1d(L\x02\0\x302").text() == (
        ("#########" + "." * 311) + "\n" + ("#.......#" + "." * 311)
    )
    assert only(b"\x1d8L\x0e\0\0\0" + store[5:] + b"\x1d(L\x02\0\x30\x02").count_ink() == 11


def test_justification_and_margin_move_pictures() -> None:
    assert box_of(b"\x1ba\x01" + SQUARE) == (152, 0, 168, 16)
    assert box_of(b"\x1ba2" + SQUARE) == (304, 0, 320, 16)
    assert box_of(b"\x1dL\x0a\0" + SQUARE) == (10, 0, 26, 16)
    assert box_of(b"\x1dW\x64\0\x1ba\x02" + SQUARE) == (84, 0, 100, 16)
    assert box_of(b"\x1ba\x02\x1dL\x0a\0\x1b@" + SQUARE) == (0, 0, 16, 16)


def test_text_is_a_line_of_cells_on_a_baseline() -> None:
    assert only(b"Hello\n").height == 24
    left, _, right, _ = box_of(b"HHHH\n")
    assert right - left > 40
    assert right <= 48
    tall = only(b"\x1d!\x01H\x1d!\0H\n")
    assert tall.height == 48
    assert only(b"A\n\nB\n").height == 2 * 33 + 24


def test_lines_are_spaced_and_fed_in_motion_units() -> None:
    assert only(b"A\nB\n").height == 33 + 24
    assert only(b"\x1b3\x40A\nB\n").height == 64 + 24
    assert only(b"\x1b3\x40\x1b2A\nB\n").height == 33 + 24
    assert only(SQUARE + b"\x1bJ\x09" + SQUARE).height == 41
    assert only(b"\x1dP\0\x66" + SQUARE + b"\x1bJ\x0a" + SQUARE).height == 52
    (half,) = drawn(SQUARE + b"\x1bJ\x0a" + SQUARE, density=Fraction(900, 127))
    assert half.tile.height == 37


def test_a_line_that_is_full_goes_on_below() -> None:
    assert only(b"W" * 26 + b"\n").height == 24
    assert only(b"W" * 27 + b"\n").height == 33 + 24


def test_emphasis_underline_and_inverse_add_ink() -> None:
    plain = only(b"Hi\n").count_ink()
    assert only(b"\x1bE\x01Hi\n").count_ink() > plain
    assert only(b"\x1b-\x02Hi\n").count_ink() > plain + 40
    assert only(b"\x1dB\x01Hi\n").count_ink() == 2 * 12 * 24 - plain
    assert only(b"\x1b!\x30Hi\n").height == 48


def test_upside_down_lines_are_turned_about() -> None:
    plain, turned = only(b"FL\n"), only(b"\x1b{\x01FL\n")
    assert turned.count_ink() == plain.count_ink()
    assert turned.turned(2).ink_box() != plain.ink_box()
    assert sorted(turned.rows) != sorted(plain.rows)


def test_a_line_without_its_end_is_not_printed() -> None:
    assert drawn(b"Hello\x1b@") == []
    assert len(drawn(b"Hello\x1dVB\0")) == 1


def test_code_pages_and_countries_choose_characters() -> None:
    assert only(b"\x1bt\x10\xe9\n") == only(b"\x1bt\0\x82\n")
    assert only(b"\x1bR\x03#\n") == only(b"\x1bt\0\x9c\n")
    (label,) = drawn(b"\x1bt\x63\xe9\n")
    assert label.unknown == ("code page 99",)


def test_the_line_of_text_of_a_code_stands_above_or_below() -> None:
    plain = only(b"\x1dh\x28\x1dkE\x03ABC")
    assert plain.height == 40
    assert only(b"\x1dH\x01\x1dh\x28\x1dkE\x03ABC").height == 64
    assert only(b"\x1dH\x03\x1df\x01\x1dh\x28\x1dkE\x03ABC").height == 74


# --- page mode ---------------------------------------------------------------------------------


def test_a_page_is_printed_whole_by_ff_and_leaves_page_mode() -> None:
    tile = only(b"\x1bL\x1bW\0\0\0\0\xc8\0\x64\0\x1b$\x14\0\x1d$\x32\0" + SQUARE + b"\x0c")
    assert (tile.height, tile.ink_box()) == (100, (20, 34, 36, 50))


@pytest.mark.parametrize(
    ("direction", "box"),
    [(0, (30, 24, 46, 40)), (1, (24, 54, 40, 70)), (2, (154, 60, 170, 76)),
     (3, (160, 30, 176, 46))],
)  # fmt: skip
def test_the_direction_turns_the_page(direction: int, box: tuple[int, int, int, int]) -> None:
    page = b"\x1bL\x1bW\0\0\0\0\xc8\0\x64\0\x1bT" + bytes([direction])
    assert box_of(page + b"\x1b$\x1e\0\x1d$\x28\0" + SQUARE + b"\x0c") == box


def test_a_page_that_is_cancelled_or_left_prints_nothing() -> None:
    assert drawn(b"\x1bL" + SQUARE + b"\x18\x0c") == []
    assert drawn(b"\x1bL" + SQUARE + b"\x1bS\x1dVB\0") == []
    assert len(drawn(b"\x1bL" + SQUARE + b"\x1b\x0c\x18\x0c\x1dVB\0")) == 1


# --- paper -------------------------------------------------------------------------------------


def test_what_is_fed_behind_the_last_ink_is_not_counted() -> None:
    assert only(SQUARE + b"\x1bd\x06\x1dVB\0").height == 16
    assert only(b"\x1bJ\x0a" + SQUARE + b"\x1bJ\x64\x1be\x02\x1dVB\0").height == 26


def test_labels_of_die_cut_stock_are_as_long_as_the_stock() -> None:
    for feed in (b"\x1c(L\x02\0C0", b"\x1c(L\x02\0A0", b"\x1d\x0c", b"\x0c"):
        assert [label.tile.height for label in drawn(SQUARE + feed + SQUARE + feed)] == [200, 200]
    assert only(b"\x1c(L\x02\0C2" + SQUARE).height == 16


# --- answers -----------------------------------------------------------------------------------


class Heard:
    """A printer with an engine, and all that it said."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.printer = Interpreter(machine)
        self.said = bytearray()
        self.printer.answer = self.said.extend

    def ask(self, commands: bytes) -> bytes:
        self.said.clear()
        self.printer.feed(commands)
        assert self.machine.state().paused or self.machine.wait_idle(SLOWEST)
        self.printer.feed(b"")
        return bytes(self.said)


@pytest.fixture
def heard() -> Iterator[Heard]:
    machine = Machine(Paper(), Make(), pace=Pace(speed_mm_s=0))
    machine.start()
    yield Heard(machine)
    machine.stop()


def test_a_process_id_comes_back_when_the_paper_is_out(heard: Heard) -> None:
    heard.machine.pause()
    question = b"\x1d(H\x06\0\x30\x30AB1!"
    assert heard.ask(SQUARE + b"\x1dVB\0" + question) == b""
    heard.machine.resume()
    assert heard.machine.paper.wait_for(1, SLOWEST)
    assert heard.machine.wait_idle(SLOWEST)
    assert heard.ask(b"") in (b"", b"\x37\x22AB1!\0")
    assert heard.ask(question) == b"\x37\x22AB1!\0"


def test_questions_are_answered_in_turn(heard: Heard) -> None:
    assert heard.ask(b"\x1dr\x01\x1dIC\x1dI\x01\x1d(H\x06\0\x30\x30ABCD") == (
        b"\0_GW-VIRTUAL\0\x20\x37\x22ABCD\0"
    )


def test_real_time_questions_are_answered_inside_pictures_and_when_cut(heard: Heard) -> None:
    assert heard.ask(b"\x1dv0\0\x03\0\x02\0\x10\x04\x01\x10") == b"\x12"
    assert heard.ask(b"\x04") == b""
    assert heard.ask(b"\x02") == b"\x12"
    heard.machine.open_head()
    assert heard.ask(b"\x10\x04\x02") == b"\x16"
    heard.printer.silent_on_error = True
    assert heard.ask(b"\x10\x04\x02") == b""


def test_automatic_status_and_dropped_buffers(heard: Heard) -> None:
    assert heard.ask(b"\x1da\xff") == b"\x10\0\0\x0f"
    heard.ask(b"\x1dv0\0\x03\0\x02\0abc")
    assert heard.ask(b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08") == b"\x37\x25\0"
    heard.ask(SQUARE + b"\x1dVB\0")
    (piece,) = heard.machine.paper.pieces()
    assert (piece.height, piece.unknown) == (16, ())
    assert [event.what for event in heard.machine.admin_events()] == [
        "DLE 14 08 01 03 14 01 06 02 08"
    ]


def test_drawers_buzzers_and_permanent_memory_are_told_apart_from_printing(heard: Heard) -> None:
    heard.ask(b"\x1bp\0\x19\xfa\x10\x14\x01\0\x01\x10\x05\x02\x1d(E\x03\0\x01IN\x07")
    assert [event.what for event in heard.machine.admin_events()] == [
        "DLE 14 01 00 01", "DLE 05 02", "ESC p 00 19 fa", "GS ( E 01 49 4e", "BEL",
    ]  # fmt: skip


def test_without_power_everything_is_forgotten(heard: Heard) -> None:
    heard.ask(b"\x1ba\x01\x1d(H\x06\0\x30")
    heard.printer.lose_power()
    heard.ask(SQUARE + b"\x1dVB\0")
    tile = heard.machine.paper.tile(1)
    assert tile is not None
    assert tile.ink_box() == (0, 0, 16, 16)


# --- anything ----------------------------------------------------------------------------------

COMMANDS = [
    name.replace("ESC ", "\x1b").replace("FS ", "\x1c").replace("GS ", "\x1d").replace(" ", "")
    for name in ACTS
]


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(COMMANDS).map(lambda name: name.encode("latin-1")),
            st.binary(max_size=12),
            st.sampled_from([b"\x1dv0\0", b"\x1d(L\x0e\0\x30p0", b"\x1bL", b"\x0c", b"A\n"]),
        ),
        max_size=40,
    ),
    st.integers(0, 400),
)
def test_whatever_is_received_never_breaks_it(parts: list[bytes], cut: int) -> None:
    machine = Machine(Paper(), Make(stock_width=300, stock_height=200), pace=Pace(speed_mm_s=0))
    printer = Interpreter(machine)
    stream = b"".join(parts)
    printer.feed(stream[:cut])
    printer.feed(stream[cut:])
    printer.finish()
    for run in machine.queued():
        assert run.draw(0).width == 300
    printer.lose_power()
    printer.feed(SQUARE)
    printer.finish()
    assert machine.queued()[-1].draw(0).ink_box() == (0, 0, 16, 16)
