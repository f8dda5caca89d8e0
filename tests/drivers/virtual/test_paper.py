"""The tray: in memory and in a directory that outlives the process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.drivers.virtual.canvas import Tile
from gateway.drivers.virtual.paper import Paper
from gateway.drivers.virtual.preview import draw_zpl


def label(text: str) -> Tile:
    sent = f"^XA^PW300^LL120^FO40,20^BY2^BCN,60,N,N,N,A^FD{text}^FS^XZ"
    return draw_zpl(sent.encode())[0].tile


def test_pieces_are_counted_and_partial_ones_are_no_labels() -> None:
    paper = Paper()
    paper.keep(label("A1"))
    paper.keep(label("A2").crop_top(50), partial=True, unknown=["^ZZ"], notes=["torn"])
    paper.keep(label("A3"))
    assert [(p.number, p.height, p.partial, p.unknown, p.notes) for p in paper.pieces()] == [
        (1, 120, False, (), ()),
        (2, 50, True, ("^ZZ",), ("torn",)),
        (3, 120, False, (), ()),
    ]
    assert (paper.count, paper.printed) == (3, 2)
    assert [p.number for p in paper.pieces(after=1)] == [2, 3]


def test_codes_are_decoded_with_their_place() -> None:
    paper = Paper()
    paper.keep(label("SN-000123"))
    [code] = paper.codes(1)
    assert (code.format, code.text, code.octets, code.identifier) == (
        "Code 128",
        "SN-000123",
        b"SN-000123",
        "]C0",
    )
    left, top, right, bottom = code.box
    assert abs(left - 40) <= 2
    assert abs(top - 20) <= 2
    assert right > 200
    assert abs(bottom - 80) <= 2


def test_a_piece_without_room_is_not_taken_and_the_next_try_takes_it_once(tmp_path: Path) -> None:
    folder = tmp_path / "paper"
    paper = Paper(folder)
    paper.keep(label("A1"))
    index, away = folder / "pieces.jsonl", tmp_path / "away"
    index.rename(away)
    index.mkdir()  # nothing can be written there now
    with pytest.raises(OSError, match="pieces"):
        paper.keep(label("A2"))
    assert paper.count == 1
    index.rmdir()
    # A full disk cuts the line short; the next one begins anew.
    index.write_text(away.read_text() + '{"number": 2, "wid')
    assert paper.keep(label("A2")).number == 2
    left = Paper(folder)
    assert [[code.text for code in left.codes(n)] for n in (1, 2)] == [["A1"], ["A2"]]
    assert (left.count, left.printed) == (2, 2)


def test_a_picture_that_cannot_be_thrown_away_stops_no_label(tmp_path: Path) -> None:
    paper = Paper(tmp_path, keep_pictures=1)
    paper.keep(label("A1"))
    (tmp_path / "00000001.png").unlink()
    (tmp_path / "00000001.png").mkdir()
    assert [paper.keep(label(f"A{n}")).number for n in (2, 3)] == [2, 3]
    (tmp_path / "00000001.png").rmdir()
    paper.keep(label("A4"))
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["00000004.png"]


def test_the_newest_pictures_are_kept_in_memory_and_all_pieces_counted() -> None:
    paper = Paper(keep_pictures=2)
    for number in range(5):
        paper.keep(label(f"N{number}"))
    assert paper.count == 5
    assert [paper.png(n) is not None for n in range(1, 6)] == [False, False, False, True, True]
    assert len(paper.pieces()) == 5


def test_a_directory_gives_back_what_the_last_process_left(tmp_path: Path) -> None:
    first = Paper(tmp_path / "paper", keep_pictures=2)
    for number in range(4):
        first.keep(label(f"N{number}"), partial=number == 1)
    again = Paper(tmp_path / "paper", keep_pictures=2)
    assert again.pieces() == first.pieces()
    assert (again.count, again.printed) == (4, 3)
    assert [[code.text for code in again.codes(n)] for n in range(1, 5)] == [
        ["N0"],
        ["N1"],
        ["N2"],
        ["N3"],
    ]
    assert sorted(path.name for path in (tmp_path / "paper").glob("*.png")) == [
        "00000003.png",
        "00000004.png",
    ]
    assert again.keep(label("N4")).number == 5


def test_a_line_cut_short_by_a_kill_is_left_out(tmp_path: Path) -> None:
    paper = Paper(tmp_path)
    paper.keep(label("A"))
    paper.keep(label("B"))
    index = tmp_path / "pieces.jsonl"
    index.write_text(index.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    again = Paper(tmp_path)
    assert [piece.number for piece in again.pieces()] == [1]
    again.keep(label("C"))
    lines = index.read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[-1])["number"] == 2
    assert [piece.number for piece in Paper(tmp_path).pieces()] == [1, 2]


def test_waiting_ends_when_the_labels_are_there_or_the_time_is_over() -> None:
    paper = Paper()
    assert not paper.wait_for(1, timeout=0)
    paper.keep(label("A"))
    assert paper.wait_for(1, timeout=0)
