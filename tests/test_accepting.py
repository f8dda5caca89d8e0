"""Requests become orders that can be printed, or refusals that name every wrong label."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import replace

import pytest
import zxingcpp
from PIL import Image

from gateway.accepting import Desk, Document, JobRequest
from gateway.drawing import Drawing
from gateway.errors import (
    DocumentRefused,
    FieldRefused,
    PrinterRefused,
    RawRefused,
    Several,
    UnknownTemplate,
)
from gateway.jobs import State
from gateway.label import Tile, draw
from gateway.ledger import Order, Piece, Ticket
from gateway.printers import Media, Pool, Printer
from gateway.templates.builtin import builtin_templates
from gateway.templates.document import parse_template
from gateway.templates.model import Template
from gateway.units import Um, parse_density

AT = 1_795_000_000_000_000
"""2026-11-18T12:26:40Z."""

ZEBRA = Printer(
    1, "zebra", "memory://x", "zpl", parse_density(8), Media(Um(100_000), Um(50_000)), "virtual"
)
SMALL = Printer(2, "small", "memory://y", "zpl", parse_density(8), Media(Um(40_000), Um(20_000)))

BOX = parse_template(
    {
        "name": "box",
        "size": {"width": 50_000, "height": 25_000},
        "fields": [{"name": "lot", "required": True}],
        "counters": [{"name": "n", "start": 7, "width": 3}],
        "elements": [
            {
                "type": "text",
                "id": "line",
                "content": "{lot} {n} {today|date:YYYY-MM-DD}",
                "x": 1000,
                "y": 1000,
                "width": 48_000,
                "height": 6000,
                "size": 4000,
            }
        ],
    }
)


def one_black_square(side: int = 10) -> bytes:
    """A square PNG, all black, written by hand."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (1 + side) * side)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


class Shelf:
    """Printers and templates by name."""

    def __init__(self) -> None:
        self.templates: dict[str, Template] = {**builtin_templates(), "box": BOX}
        self.printers = {"zebra": ZEBRA, "small": SMALL}
        self.pools: dict[str, Pool] = {}
        self.used: dict[str, int] = {}
        self.payloads: dict[int, bytes] = {}

    def find(self, name: str, version: str | None = None) -> Template:
        if name not in self.templates:
            raise UnknownTemplate(f"There is no template {name!r}.")
        return self.templates[name]

    def by_version(self, version: str) -> Template:
        return next(t for t in self.templates.values() if t.version == version)

    def font(self, ref: str) -> bytes:
        raise AssertionError(ref)

    picture = font


class PrinterShelf:
    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def target(self, name: str) -> Printer | Pool:
        return self._shelf.pools.get(name) or self._shelf.printers[name]

    def members(self, target: int) -> tuple[Printer, ...]:
        wanted = next((p.members for p in self._shelf.pools.values() if p.id == target), (target,))
        return tuple(printer for printer in self._shelf.printers.values() if printer.id in wanted)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def drawing(shelf: Shelf) -> Drawing:
    return Drawing(shelf, shelf, shelf.payloads.__getitem__)


@pytest.fixture
def desk(shelf: Shelf, drawing: Drawing) -> Desk:
    return Desk(
        PrinterShelf(shelf), shelf, drawing, lambda name: shelf.used, lambda: "Europe/Berlin"
    )


def pieces_of(order: Order, job: int = 1) -> list[Piece]:
    """The labels of an order as the pipe would see them."""
    ticket = Ticket(
        job, order.kind, order.template, order.version, order.mode, order.strict, order.counted,
        AT, {name: first for name, (first, _) in order.counters.items()}, order.options,
    )  # fmt: skip
    return [Piece(n + 1, ticket, n + 1, 1, State.QUEUED, row) for n, row in enumerate(order.rows)]


def read(tile: Tile) -> list[str]:
    picture = Image.frombytes("1", (tile.width, tile.height), tile.ink).convert("L")
    return [code.text for code in zxingcpp.read_barcodes(picture.point(lambda v: 255 - v))]


def serials(*names: str) -> list[Mapping[str, object]]:
    return [{"serial": name} for name in names]


def test_an_order_keeps_version_rows_and_zone(desk: Desk, shelf: Shelf) -> None:
    order = desk.order(
        JobRequest("zebra", "serial-label", labels=serials("SN-1", "SN-2"), copies=2), AT
    )
    assert order.version == shelf.templates["serial-label"].version
    assert order.rows == ('{"serial":"SN-1"}', '{"serial":"SN-2"}')
    assert (order.copies, order.target, order.mode) == (2, 1, "exact")
    assert order.options == {"zone": "Europe/Berlin"}


def test_the_accepted_label_is_drawn_and_reads_back(desk: Desk, drawing: Drawing) -> None:
    order = desk.order(JobRequest("zebra", "serial-label", labels=serials("SN-000123")), AT)
    tile = drawing.picture(pieces_of(order)[0], ZEBRA)
    assert (tile.width, tile.height) == (800, 400)
    assert read(tile) == ["SN-000123"]


def test_every_wrong_label_is_named_at_once_and_the_first_is_told(desk: Desk) -> None:
    rows = [{"serial": "A"}, {}, {"serial": "B"}, {"seriel": "C"}]
    with pytest.raises(Several) as refused:
        desk.order(JobRequest("zebra", "serial-label", labels=rows), AT)
    assert [number for number, _ in refused.value.items] == [2, 4]
    assert refused.value.detail.startswith(
        "2 of 4 labels were refused; the first, label 2: Field 'serial' of template"
    )


def test_a_single_wrong_label_is_refused_as_itself(desk: Desk) -> None:
    with pytest.raises(
        FieldRefused, match=r"^Field 'serial' of template 'serial-label' is missing"
    ):
        desk.order(JobRequest("zebra", "serial-label"), AT)


def test_a_label_larger_than_the_stock_is_held_with_both_sizes(desk: Desk) -> None:
    order = desk.order(JobRequest("small", "serial-label", labels=serials("SN-1")), AT)
    assert (order.held, order.problem) == (
        True,
        "The label is 100 mm by 50 mm, and the stock in printer 'small' is 40 mm by 20 mm; load "
        "larger labels and change the printer's media.",
    )
    assert not desk.order(JobRequest("zebra", "serial-label", labels=serials("SN-1")), AT).held


def test_a_job_that_asks_for_other_stock_is_held(desk: Desk) -> None:
    request = JobRequest("zebra", "serial-label", labels=serials("SN-1"), stock="freezer")
    assert desk.order(request, AT).problem == (
        "The job asks for stock 'freezer', and printer 'zebra' has stock without a name; load that "
        "stock and change the printer's media."
    )


def test_a_pool_takes_what_one_of_its_printers_can_print(desk: Desk, shelf: Shelf) -> None:
    zebra, small = shelf.printers["zebra"], shelf.printers["small"]
    shelf.pools["all"] = Pool(50, "all", (small.id, zebra.id))
    order = desk.order(JobRequest("all", "serial-label", labels=serials("SN-1")), AT)
    assert (order.target, order.target_name, order.held) == (50, "all", False)
    assert zebra.density in order.needs.densities
    shelf.pools["small-ones"] = Pool(51, "small-ones", (small.id,))
    order = desk.order(JobRequest("small-ones", "serial-label", labels=serials("SN-1")), AT)
    assert order.problem.startswith("No printer of pool 'small-ones' can: The label is 100 mm by ")


def test_a_printer_that_must_know_its_roll_refuses_what_the_roll_cannot_take(
    desk: Desk, shelf: Shelf, drawing: Drawing
) -> None:
    roll = replace(
        ZEBRA, name="ql", language="brother-ql", model="", density=parse_density("300dpi"),
        media=Media(Um(62_000), Um(29_000)),
    )  # fmt: skip
    shelf.printers["ql"] = roll
    with pytest.raises(PrinterRefused, match="'line' reaches into the margin of the roll"):
        desk.order(JobRequest("ql", "box", labels=[{"lot": "L1"}]), AT)
    shelf.templates["box"] = moved = parse_template(
        {**json.loads(BOX.document), "elements": [
            {"type": "text", "id": "line", "content": "{lot} {n}", "x": 4_000, "y": 5_000,
             "width": 40_000, "height": 6_000, "size": 4_000},
        ]}
    )  # fmt: skip
    order = desk.order(JobRequest("ql", "box", labels=[{"lot": "L1"}]), AT)
    assert not order.held
    assert order.version == moved.version
    [piece] = pieces_of(order)
    assert len(drawing.page(piece, roll).body) > 1000, "the label is on the whole of the roll"
    shelf.printers["ql"] = replace(roll, media=Media(Um(58_000), Um(31_000)))
    with pytest.raises(
        PrinterRefused, match=r"No roll for this printer has labels of 58 mm × 31 mm"
    ):
        desk.order(JobRequest("ql", "box", labels=[{"lot": "L1"}]), AT)


def test_counters_go_on_from_what_was_used_and_dates_show_the_sites_day(
    desk: Desk, shelf: Shelf, drawing: Drawing
) -> None:
    lots = [{"lot": "L1"}, {"lot": "L2"}]
    assert desk.order(JobRequest("zebra", "box", labels=lots), AT).counters == {"n": (7, 9)}
    shelf.used["n"] = 40
    order = desk.order(JobRequest("zebra", "box", labels=lots), AT)
    assert order.counters == {"n": (40, 42)}
    texts = [drawing.label(piece, ZEBRA).elements[0] for piece in pieces_of(order)]
    assert [text.lines for text in texts] == [  # type: ignore[union-attr]
        ("L1 040 2026-11-18",),
        ("L2 041 2026-11-18",),
    ]


def test_a_reprint_prints_the_same_dots_with_the_first_jobs_counters_and_date(
    desk: Desk, shelf: Shelf, drawing: Drawing
) -> None:
    order = desk.order(
        JobRequest("zebra", "box", labels=[{"lot": "L1"}, {"lot": "L2"}, {"lot": "L3"}]), AT
    )
    pieces = pieces_of(order)
    shelf.used["n"] = 900
    again = desk.reprint(pieces[1:], ZEBRA, " torn ", shelf.payloads.__getitem__)
    assert (again.reason, again.reprint_of, again.counters) == ("torn", (2, 3), {})
    for old, new in zip(pieces[1:], pieces_of(again, job=2), strict=True):
        assert drawing.picture(new, ZEBRA) == drawing.picture(old, ZEBRA)
    thrice = desk.reprint(pieces_of(again, job=2)[1:], ZEBRA, "x", shelf.payloads.__getitem__)
    assert drawing.picture(pieces_of(thrice, 3)[0], ZEBRA) == drawing.picture(pieces[2], ZEBRA)


def test_a_reprint_without_a_reason_is_refused(desk: Desk) -> None:
    order = desk.order(JobRequest("zebra", "serial-label", labels=serials("SN-1")), AT)
    with pytest.raises(FieldRefused, match=r"^A reprint needs a reason"):
        desk.reprint(pieces_of(order), ZEBRA, " ", dict[int, bytes]().__getitem__)


def test_raw_commands_are_counted_and_cut_into_their_labels(
    desk: Desk, shelf: Shelf, drawing: Drawing
) -> None:
    raw = b"^XA^FO20,20^A0N,40^FDone^FS^PQ2^XZ^XA^FO20,20^A0N,40^FDtwo^FS^XZ"
    order = desk.order(JobRequest("zebra", raw=raw), AT)
    assert (order.kind, len(order.rows), order.payload) == ("raw", 3, raw)
    shelf.payloads[1] = raw
    bodies = [drawing.page(piece, ZEBRA).body for piece in pieces_of(order)]
    assert [body.count(b"^XZ") for body in bodies] == [1, 1, 1]
    assert [b"one" in body for body in bodies] == [True, True, False]
    proof = desk.proof(JobRequest("zebra", raw=raw), AT)
    assert proof == [drawing.picture(piece, ZEBRA) for piece in pieces_of(order)]
    assert [tile.count() > 0 for tile in proof] == [True, True, True]
    assert proof[0] == proof[1] != proof[2]


def test_commands_of_another_language_are_refused_by_its_name(desk: Desk) -> None:
    tspl = b'SIZE 100 mm,50 mm\r\nCLS\r\nTEXT 50,50,"3",0,1,1,"hi"\r\nPRINT 1\r\n'
    with pytest.raises(RawRefused) as refused:
        desk.order(JobRequest("zebra", raw=tspl), AT)
    assert refused.value.detail == (
        "These look like TSPL commands, and printer 'zebra' speaks ZPL II; send them to a "
        "printer that speaks TSPL."
    )
    with pytest.raises(RawRefused, match="prints nothing"):
        desk.order(JobRequest("zebra", raw=b"nothing that anybody knows"), AT)


def test_a_picture_is_printed_as_a_document(desk: Desk, shelf: Shelf, drawing: Drawing) -> None:
    png = one_black_square()
    order = desk.order(JobRequest("zebra", document=Document(png, "image/png")), AT)
    assert (order.kind, len(order.rows)) == ("document", 1)
    shelf.payloads[1] = png
    tile = drawing.picture(pieces_of(order)[0], ZEBRA)
    assert (tile.width, tile.height, tile.count()) == (800, 400, 400 * 400)


def test_pages_that_do_not_exist_are_refused(desk: Desk) -> None:
    with pytest.raises(DocumentRefused) as refused:
        desk.order(
            JobRequest("zebra", document=Document(one_black_square(), "image/png", pages="2")), AT
        )
    assert refused.value.detail == (
        "pages is '2', and '2' is no page of a document of 1; write it as '1-3,5'."
    )


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (
            Document(one_black_square()[:-28], "image/png"),
            "The picture is damaged; save it anew and send that.",
        ),
        (
            Document(one_black_square(810), "image/png", fit="none"),
            "The picture has 810 × 810 pixels and the label 800 × 400 dots; use the fit "
            '"contain", or larger labels.',
        ),
        (
            Document(b"^XA^FO1,1^GB9,9,9^FS^XZ", "application/zpl", rotation=90),
            "Printer commands print as they stand and take no 'rotation'; leave it out, or send "
            "the label as PDF or PNG.",
        ),
        (
            Document(b"^XA^FO1,1^GB9,9,9^FS^XZ", "application/zpl", fit="cover"),
            "Printer commands print as they stand and take no 'fit'; leave it out, or send the "
            "label as PDF or PNG.",
        ),
        (
            Document(b"^XA^FO1,1^GB9,9,9^FS^XZ", "application/zpl", pages="1"),
            "Printer commands print as they stand and take no 'pages'; leave it out, or send the "
            "label as PDF or PNG.",
        ),
    ],
)
def test_a_document_that_could_not_be_printed_is_refused_and_not_accepted(
    desk: Desk, document: Document, sentence: str
) -> None:
    with pytest.raises(DocumentRefused) as refused:
        desk.order(JobRequest("zebra", document=document), AT)
    assert refused.value.detail == sentence


def test_every_refused_label_is_counted_and_the_first_hundred_are_told(desk: Desk) -> None:
    rows = [{"serial": "S"}, *({} for _ in range(300))]
    with pytest.raises(Several) as refused:
        desk.order(JobRequest("zebra", "serial-label", labels=rows), AT)
    assert [number for number, _ in refused.value.items] == list(range(2, 102))
    assert refused.value.detail.startswith("300 of 301 labels were refused; the first, label 2: ")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"copies": 0}, "copies is 0; expected 1 to 10000."),
        ({"priority": 101}, "priority is 101; expected -100 (last) to 100 (first)."),
        ({"mode": "fast"}, "mode is 'fast'; expected 'exact' or 'native'."),
        ({"expires_in": 0}, "expires_in is 0; expected seconds, above 0 and at most a year."),
        (
            {"raw": b"^XA^XZ"},
            "A job carries one of template, raw or document; got template and raw.",
        ),
        ({"template": None}, "A job carries one of template, raw or document; got none of them."),
        (
            {"copies": 10_000, "labels": serials(*map(str, range(11)))},
            "The job has 110000 labels; expected at most 100000. Send it as several.",
        ),
    ],
)
def test_numbers_out_of_bounds_are_refused_in_one_sentence(
    desk: Desk, change: dict[str, object], sentence: str
) -> None:
    request = {"printer": "zebra", "template": "serial-label", "labels": serials("S")} | change
    with pytest.raises(FieldRefused) as refused:
        desk.order(JobRequest(**request), AT)  # type: ignore[arg-type]
    assert refused.value.detail == sentence


def test_a_dry_run_shows_the_dots_that_would_print(desk: Desk, drawing: Drawing) -> None:
    request = JobRequest("zebra", "serial-label", labels=serials("SN-1", "SN-2"))
    tiles = desk.proof(request, AT)
    pieces = pieces_of(desk.order(request, AT))
    assert tiles == [drawing.picture(piece, ZEBRA) for piece in pieces]


def test_what_is_ordered_is_json_even_for_hostile_values(desk: Desk) -> None:
    hostile = 'SN"\\{0.__class__}'
    order = desk.order(JobRequest("zebra", "serial-label", labels=serials(hostile)), AT)
    assert json.loads(order.rows[0] or "") == {"serial": hostile}


def test_a_zpl_document_is_not_sent_to_a_printer_of_another_language(
    desk: Desk, shelf: Shelf
) -> None:
    shelf.printers["dock"] = replace(ZEBRA, name="dock", language="tspl", model="")
    document = Document(b"^XA^FO1,1^GB9,9,9^FS^XZ", "application/zpl")
    with pytest.raises(RawRefused) as refused:
        desk.order(JobRequest("dock", document=document), AT)
    assert refused.value.detail == (
        "The document is zpl, and 'dock' speaks tspl; send it to a printer of that language, or "
        "the label as PDF or PNG."
    )
    own = Document(
        b"SIZE 50 mm,25 mm\r\nCLS\r\nBAR 8,8,80,8\r\nPRINT 2\r\n", "application/octet-stream"
    )
    order = desk.order(JobRequest("dock", document=own), AT)
    assert (order.kind, order.needs.language) == ("raw", "tspl")


@pytest.mark.parametrize(
    ("language", "density", "width", "height"),
    [
        ("zpl", 8, 100_000, 50_000),
        ("zpl", 24, 25_000, 12_000),
        ("zpl", 6, 101_600, 152_400),
        ("escpos", "180dpi", 72_000, 40_000),
        ("tspl", 12, 57_000, 32_000),
        ("brother-ql", "300dpi", 62_000, 100_000),
        ("brother-ql", "300dpi", 29_000, 90_000),
        ("zpl", 8, 10_000, 6_000),
        ("zpl", 8, 100_000, 2_000_000),
    ],
)
def test_every_printer_has_a_test_label_that_it_can_print(
    desk: Desk, drawing: Drawing, shelf: Shelf,
    language: str, density: int | str, width: int, height: int,
) -> None:  # fmt: skip
    printer = replace(
        ZEBRA, name="the-printer-with-the-longest-name-of-all-", language=language, model="",
        density=parse_density(density), media=Media(Um(width), Um(height)),
    )  # fmt: skip
    order, template = desk.test_order(printer, AT)
    shelf.templates["test"] = template
    [piece] = pieces_of(order)
    assert drawing.page(piece, printer).body
    label = drawing.label(piece, printer)
    tile = draw(label)
    assert tile.count() > 100
    # The middle of the cross is ink, and four dots beside it are.
    x, y = label.width // 2, label.height // 2
    rows = tile.art().split("\n")
    assert "#" in "".join(row[x - 1 : x + 2] for row in rows[y - 1 : y + 2])


def test_commands_in_a_template_need_a_printer_that_speaks_them(desk: Desk, shelf: Shelf) -> None:
    element = {
        "type": "raw", "id": "code", "x": 0, "y": 0, "width": 9000, "height": 9000, "density": 8,
        "language": "zpl", "commands": "^FO9,9^BMN,B,60,N^FD12345^FS",
    }  # fmt: skip
    size = {"width": 40_000, "height": 20_000}
    shelf.templates["msi"] = parse_template({"name": "msi", "size": size, "elements": [element]})
    shelf.printers["till"] = replace(ZEBRA, id=3, name="till", language="escpos", model="")
    shelf.printers["fine"] = replace(ZEBRA, id=4, name="fine", density=parse_density(12), model="")
    with pytest.raises(RawRefused) as refused:
        desk.order(JobRequest("till", "msi"), AT)
    assert refused.value.detail == (
        "'code' holds printer commands of ZPL II, and printer 'till' speaks ESC/POS; print on one "
        "that understands them, or replace the element by one that every printer prints."
    )
    with pytest.raises(RawRefused) as refused:
        desk.order(JobRequest("fine", "msi"), AT)
    assert refused.value.detail == (
        "'code' holds printer commands for 8 dots per mm, and printer 'fine' prints 12; replace it "
        "by elements of the editor, which any head prints."
    )
    # In a pool of several languages it waits for one that speaks them.
    shelf.pools["all"] = Pool(9, "all", (3, 1))
    assert desk.order(JobRequest("all", "msi"), AT).needs.language == "zpl"


def test_commands_in_a_template_are_not_left_out_at_the_last_moment(
    desk: Desk, shelf: Shelf, drawing: Drawing
) -> None:
    element = {
        "type": "raw", "id": "code", "x": 0, "y": 0, "width": 9000, "height": 9000,
        "language": "zpl", "commands": "^FO9,9^BMN,B,60,N^FD12345^FS",
    }  # fmt: skip
    size = {"width": 40_000, "height": 20_000}
    shelf.templates["msi"] = parse_template({"name": "msi", "size": size, "elements": [element]})
    piece = pieces_of(desk.order(JobRequest("zebra", "msi"), AT))[0]
    assert b"^FO9,9^BMN,B,60,N^FD12345^FS^XZ" in drawing.page(piece, ZEBRA).body
    with pytest.raises(RawRefused, match="speaks ESC/POS"):
        drawing.page(piece, replace(ZEBRA, language="escpos", model=""))
