"""Tables come in as text whatever wrote them, and what goes out comes back the same."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from gateway.errors import GatewayError, InputRefused, TooLarge, Unreadable
from gateway.registry.tables import (
    Cell,
    Row,
    Table,
    read_table,
    write_csv,
    write_json,
    write_xlsx,
)

Write = Callable[..., Iterable[bytes]]


def workbook(*rows: Iterable[object], **formats: str) -> bytes:
    """Return a workbook as another program writes it; formats by cell, such as ``B2="@"``."""
    book = Workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(list(row))
    for cell, form in formats.items():
        sheet[cell].number_format = form
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def replaced(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return the workbook with one part changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", 8) as new:
        for name in old.namelist():
            whole = old.read(name)
            new.writestr(name, change(whole) if name == part else whole)
    return file.getvalue()


def values(table: Table) -> list[list[str]]:
    return [list(row.values.values()) for row in table.rows]


MIDNIGHT = datetime.combine(date(2026, 11, 22), time())
MOMENT = MIDNIGHT + timedelta(hours=10, minutes=5)
SHEET = "xl/worksheets/sheet1.xml"


# ------------------------------------------------------------------------------------ CSV comes in


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_way_spreadsheets_save_a_table_as_text_gives_the_same_rows(
    separator: str, ending: str, encoding: str
) -> None:
    lines = [
        separator.join(("serial", " note ")),
        separator.join(("00123", '"say ""ü"", and' + separator + ' so on"')),
        separator.join(("", "")),
        separator.join(("SN-2", "")),
    ]
    table = read_table((ending.join(lines) + ending).encode(encoding))
    assert table == Table(
        ("serial", "note"),
        (
            Row(2, {"serial": "00123", "note": f'say "ü", and{separator} so on'}),
            Row(4, {"serial": "SN-2", "note": ""}),
        ),
        "csv",
    )


@pytest.mark.seed("A16")
def test_cells_copied_from_a_spreadsheet_and_pasted_are_rows() -> None:
    pasted = '\ufeffserial\tnote\r\nSN-1\t"two\nlines"\r\nSN-2\t"""quoted"""\r\n'.encode()
    assert values(read_table(pasted)) == [["SN-1", "two\nlines"], ["SN-2", '"quoted"']]


COUNTED = [["SN-1", "A-01", "1"], ["00042", "A-02", "1"], ["", "A-02", "12"]]


@pytest.mark.seed("E33")
@pytest.mark.parametrize(
    "content",
    [
        b"serial;location;found\r\nSN-1;A-01;1\r\n00042;A-02;1\r\n;A-02;12\r\n",
        workbook(["serial", "location", "found"], ["SN-1", "A-01", 1], ["00042", "A-02", 1.0],
                 [None, "A-02", 12]),
    ],
)  # fmt: skip
def test_what_was_counted_comes_in_from_a_file_of_either_kind(content: bytes) -> None:
    assert values(read_table(content)) == COUNTED


def test_a_single_column_needs_no_separator() -> None:
    assert values(read_table(b"serial\nSN-1\nSN-2")) == [["SN-1"], ["SN-2"]]


def test_the_line_that_tells_a_spreadsheet_the_separator_is_followed_and_counted() -> None:
    table = read_table(b"sep=;\r\na,b;c\r\n1;2\r\n")
    assert table.header == ("a,b", "c")
    assert table.rows == (Row(3, {"a,b": "1", "c": "2"}),)


def test_a_row_has_the_number_of_the_line_it_begins_on() -> None:
    table = read_table(b'a,b\n"1\n1",2\n\n3,4\n')
    assert [row.number for row in table.rows] == [2, 5]


def test_a_file_that_is_not_utf_8_is_read_as_windows_1252_and_says_so() -> None:
    table = read_table("serial,note\nSN-1,Größe 5 €\n".encode("cp1252"), "count.csv")
    assert values(table) == [["SN-1", "Größe 5 €"]]
    assert table.notes == (
        "count.csv is not UTF-8 and was read as Windows-1252; if letters with accents look wrong, "
        "save it as CSV in UTF-8.",
    )


@pytest.mark.parametrize(
    ("content", "error", "sentence"),
    [
        (b"", InputRefused, "count.csv is empty; the first row names the columns."),
        (b"\xef\xbb\xbf\n;;\n", InputRefused,
         "count.csv is empty; the first row names the columns."),
        (b"a,b\n1,2\n1,2,3\n", InputRefused,
         "count.csv, row 3: the row has 3 cells and the heading 2; every cell needs a column with "
         "a name."),
        (b"a,b\n1\n", InputRefused,
         "count.csv, row 2: the row has 1 cells and the heading 2; every cell needs a column with "
         "a name."),
        (b"a,,b\n1,2,3\n", InputRefused,
         "count.csv, row 1: column B has no heading; the first row names the columns."),
        (b"a,b,a\n1,2,3\n", InputRefused,
         "count.csv, row 1: the heading 'a' stands twice; rename one of them."),
        (b'a,b\n"1,2\n', Unreadable,
         "count.csv, line 2: this is not CSV: unexpected end of data."),
        (b"a\0,\0b\0", Unreadable,
         "count.csv is neither CSV nor an XLSX workbook: it holds a zero byte at 1; save the table "
         "as .xlsx or as CSV in UTF-8."),
        (b"a,b\n\x81,2\n", Unreadable,
         "count.csv is neither UTF-8 nor Windows-1252, at byte 4; save it as CSV in UTF-8."),
        (b"\xff\xfea", Unreadable,
         "count.csv says it is UTF-16-LE and is not, at byte 2; save it as CSV in UTF-8."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", Unreadable,
         "count.csv is a workbook of the old kind (.xls) or has a password; save it without one as "
         ".xlsx or CSV."),
        (b"a,b\n" + b"1" * 200_000 + b",2\n", Unreadable,
         "count.csv, line 2: this is not CSV: field larger than field limit (131072)."),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_a_sentence(
    content: bytes, error: type[GatewayError], sentence: str
) -> None:
    with pytest.raises(GatewayError) as refused:
        read_table(content, "count.csv")
    assert (type(refused.value), str(refused.value)) == (error, sentence)


def test_a_table_of_too_many_rows_is_refused_and_one_of_just_enough_is_read() -> None:
    assert len(read_table(b"a\n1\n2\n", most_rows=2).rows) == 2
    with pytest.raises(TooLarge, match=r"^the file has more than 2 rows; send it in parts\.$"):
        read_table(b"a\n1\n2\n3\n", most_rows=2)


# ------------------------------------------------------------------------------ workbooks come in


def test_a_workbooks_cells_are_read_as_they_were_typed() -> None:
    content = workbook(
        ["text", "whole", "part", "sum", "day", "moment", "clock", "hours", "yes", "none"],
        ["00123", 123.0, 0.25, 0.1 + 0.2, date(2026, 11, 22), MOMENT,
         time(7, 30), timedelta(hours=27, minutes=3), True, None],
        ["=1+1", -5, 1e-7, 999999999999999, MIDNIGHT, None, None, None, False, " x "],
    )  # fmt: skip
    content = replaced(
        content,
        SHEET,
        lambda xml: xml.replace(b"<f>1+1</f>", b"<f>1+1</f><v>2</v>").replace(b"<v />", b""),
    )
    table = read_table(content, "book.xlsx")
    assert table.form == "xlsx"
    assert values(table) == [
        ["00123", "123", "0.25", "0.3", "2026-11-22", "2026-11-22 10:05:00", "07:30:00", "27:03:00",
         "TRUE", ""],
        ["2", "-5", "0.0000001", "999999999999999", "2026-11-22", "", "", "", "FALSE", " x "],
    ]  # fmt: skip


def test_short_rows_blank_rows_and_blank_columns_of_a_sheet_are_no_trouble() -> None:
    content = workbook([], ["serial", "note", None], ["SN-1"], [], [None, "found", None])
    assert read_table(content).rows == (
        Row(3, {"serial": "SN-1", "note": ""}),
        Row(5, {"serial": "", "note": "found"}),
    )


@pytest.mark.parametrize("number", [1e30, 12345678901234567, -1e15])
def test_a_number_that_has_lost_digits_is_refused_with_its_cell(number: float) -> None:
    with pytest.raises(InputRefused) as refused:
        read_table(workbook(["item", "serial"], ["HT", number], ["HT", number]), "book.xlsx")
    assert str(refused.value) == (
        f"book.xlsx, cell B2: it holds the number {number:.15G}, of which a spreadsheet keeps only "
        "15 digits; format the column as text and enter it again. (2 cells are like that)"
    )
    assert [cell["cell"] for cell in refused.value.facts["cells"]] == ["B2", "B3"]  # type: ignore[attr-defined]


def test_a_failed_formula_is_refused_with_its_cell() -> None:
    with pytest.raises(InputRefused, match=r"cell A2: its formula shows #N/A; mend it\.$"):
        read_table(workbook(["serial"], ["#N/A"]))


def test_characters_a_workbook_must_escape_are_read_as_meant() -> None:
    content = workbook(["note"], ["a_x000D_b"])  # as Excel stores a carriage return
    assert values(read_table(content)) == [["a\rb"]]


def test_the_first_sheet_that_can_be_seen_is_read_and_the_others_are_told_of() -> None:
    book = Workbook()
    hidden: Any = book.active
    hidden.sheet_state = "hidden"
    for name in ("Count", "Notes"):
        book.create_sheet(name).append([name])
    file = io.BytesIO()
    book.save(file)
    table = read_table(file.getvalue(), "book.xlsx")
    assert table.header == ("Count",)
    assert table.notes == ("book.xlsx has 2 sheets; only the first, 'Count', was read.",)


def test_the_size_a_sheet_says_it_has_is_not_believed() -> None:
    content = replaced(
        workbook(["serial"], ["SN-1"]),
        SHEET,
        lambda xml: xml.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"'),
    )
    assert b'ref="A1:XFD1048576"' in zipfile.ZipFile(io.BytesIO(content)).read(SHEET)
    assert read_table(content).rows == (Row(2, {"serial": "SN-1"}),)


@pytest.mark.threat("T9")
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda xml: xml.replace(b"<sheetData>", b"<sheetData>" + b'<c t="n" />' * 300_000),
         "b.xlsx holds a row with more cells than any table needs."),
        (lambda xml: xml.replace(b"</sheetData>", b"<row></row>" * 2_100_000 + b"</sheetData>"),
         "b.xlsx holds more rows or texts than any table needs."),
        (lambda xml: xml + b" " * (300 * 2**20),
         "b.xlsx unpacks to 300 MB; a table may have 256."),
        (lambda xml: b'<!DOCTYPE a [<!ENTITY b "c">]>' + xml,
         "b.xlsx holds XML that no spreadsheet writes; save the table again as .xlsx or CSV."),
        (lambda xml: b" " * 70_000 + b'<!DOCTYPE a [<!ENTITY b "c">]>' + xml,
         "b.xlsx holds XML that no spreadsheet writes; save the table again as .xlsx or CSV."),
        (lambda xml: b'<?xml version="1.0" encoding="utf-16"?>' + xml,
         "b.xlsx holds XML that no spreadsheet writes; save the table again as .xlsx or CSV."),
        (lambda xml: xml.replace(b'<row r="2"', b'<row r="999999999"'),
         "b.xlsx has a row beyond 1048576, where sheets end."),
        (lambda xml: xml.replace(b'r="A2"', b'r="XFD2"'),
         "b.xlsx, row 2 has 16384 columns; 1000 are read."),
    ],
)  # fmt: skip
def test_a_small_workbook_that_would_fill_the_memory_is_refused(
    change: Callable[[bytes], bytes], sentence: str
) -> None:
    bomb = replaced(workbook(["serial"], ["SN-1"]), SHEET, change)
    assert len(bomb) < 400_000
    with pytest.raises((TooLarge, Unreadable)) as refused:
        read_table(bomb, "b.xlsx")
    assert str(refused.value) == sentence


def test_an_archive_that_is_no_workbook_is_refused_in_a_sentence() -> None:
    def archive(name: str) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as new:
            new.writestr(name, "<a/>")
        return file.getvalue()

    with pytest.raises(Unreadable, match=r"^f\.ods is an OpenDocument file; save it as \.xlsx"):
        read_table(archive("mimetype"), "f.ods")
    with pytest.raises(Unreadable, match=r"^f\.zip is a ZIP archive and no workbook; send the"):
        read_table(archive("rows.xml"), "f.zip")
    with pytest.raises(Unreadable, match=r"^f\.xlsx is not a workbook that can be read \("):
        read_table(archive("xl/workbook.xml"), "f.xlsx")


@given(at=st.floats(0, 1, exclude_max=True), to=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_workbook_is_read_or_refused_and_nothing_else(
    at: float, to: int, cut: bool
) -> None:
    content = bytearray(SMALL)
    place = int(at * len(content))
    content[place] = to
    with suppress(InputRefused, TooLarge, Unreadable):
        table = read_table(bytes(content[: place + 1] if cut else content))
        assert len(table.header) <= 2


SMALL = workbook(["serial", "day"], ["SN-1", date(2026, 11, 22)], ["SN-2", 5])


# --------------------------------------------------------------------------------- tables go out


TEXTS = st.text(max_size=30) | st.sampled_from(
    ["=1+1", "'=1+1", "''-5", "'", "-5", "@x", "\tx", "\rx", "a\r\nb", "00123", "1E5", " x ", "\n",
     "_x0041_", "_x005F_x0041_", "TRUE", "2026-11-22", "＝1", "a\u2028b", "\x00", "\x0b", "\ufffe"]
)  # fmt: skip
ROWS = st.lists(st.tuples(TEXTS.filter(bool), TEXTS), min_size=1, max_size=5)


@pytest.mark.seed("E29")
@pytest.mark.parametrize("write", [write_csv, write_xlsx])
@given(rows=ROWS)
@example(rows=[("=cmd|' /C calc'!A0", '"'), ("'=x", "''=x"), ("_x000D_", "a_x000D_\r")])
@example(rows=[("#N/A", "#NUM!"), ("#VALUE!", "#")])
def test_a_table_written_and_read_again_holds_the_same_texts(
    write: Write, rows: list[tuple[str, str]]
) -> None:
    if write is write_csv:  # no CSV file holds a zero byte
        rows = [(a.replace("\0", "0"), b.replace("\0", "0")) for a, b in rows]
    content = b"".join(write(("serial", "=note"), rows))
    table = read_table(content)
    assert table.header == ("serial", "=note")
    assert [tuple(row.values.values()) for row in table.rows] == rows


MIXED: list[tuple[Cell, ...]] = [
    ("=HYPERLINK(\"http://x\")", -5, 0.25, Decimal("12.50"), True, None),
    ("+49 30 1", 10**15 - 1, -1.5, Decimal("-0.1"), False, ""),
    ("<b>&'\"]]>", 10**15, 2.0, Decimal("1234567890123456.78"), None, "ü\n€"),
]  # fmt: skip
HEADER = ("text", "whole", "part", "exact", "yes", "note")


@pytest.mark.seed("E29")
def test_csv_defuses_texts_and_leaves_numbers_alone() -> None:
    assert b"".join(write_csv(HEADER, MIXED)).decode() == (
        "\ufefftext,whole,part,exact,yes,note\r\n"
        '"\'=HYPERLINK(""http://x"")",-5,0.25,12.50,TRUE,\r\n'
        "'+49 30 1,999999999999999,-1.5,-0.1,FALSE,\r\n"
        '"<b>&\'""]]>",1000000000000000,2.0,1234567890123456.78,,"ü\n€"\r\n'
    )


@pytest.mark.parametrize("start", list("=+-@\t\r\n＝＋－＠"))
def test_whatever_a_spreadsheet_might_take_for_a_formula_has_an_apostrophe(start: str) -> None:
    [header, cell] = (
        b"".join(write_csv(("a",), [(f"{start}1",)])).decode("utf-8-sig").split("a\r\n")
    )
    assert (header, cell.strip('"\r\n')) == ("", f"'{start}1")


@pytest.mark.seed("E29")
def test_a_workbook_holds_texts_as_texts_and_numbers_as_numbers_for_another_reader() -> None:
    content = b"".join(write_xlsx(HEADER, MIXED, title="Prior items: sold?"))
    book = load_workbook(io.BytesIO(content))
    sheet: Any = book.active
    assert sheet.title == "Prior items  sold"
    assert sheet.freeze_panes == "A2"
    assert [[(cell.value, cell.data_type) for cell in row] for row in sheet.iter_rows()] == [
        [(title, "s") for title in HEADER],
        [('=HYPERLINK("http://x")', "s"), (-5, "n"), (0.25, "n"), (12.5, "n"), (True, "b"),
         (None, "n")],
        [("+49 30 1", "s"), (10**15 - 1, "n"), (-1.5, "n"), (-0.1, "n"), (False, "b"), ("", "s")],
        [("<b>&'\"]]>", "s"), ("1000000000000000", "s"), (2, "n"), ("1234567890123456.78", "s"),
         (None, "n"), ("ü\n€", "s")],
    ]  # fmt: skip
    assert {cell.number_format for cell in sheet["A"]} == {"@"}
    assert sheet["A2"].style_id == sheet["A3"].style_id
    assert sheet["A1"].font.bold


def test_spaces_at_the_ends_of_a_text_are_marked_as_meant() -> None:
    content = b"".join(write_xlsx(("a",), [(" x ",), ("x",)]))
    sheet = zipfile.ZipFile(io.BytesIO(content)).read(SHEET)
    assert b'<t xml:space="preserve"> x </t>' in sheet
    assert b"<t>x</t>" in sheet


def test_every_part_of_a_workbook_is_well_formed_and_the_same_each_time() -> None:
    from xml.etree.ElementTree import fromstring

    content = b"".join(write_xlsx(HEADER, MIXED, title="\"<&>'"))
    assert content == b"".join(write_xlsx(HEADER, MIXED, title="\"<&>'"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            assert fromstring(archive.read(name)).tag


@pytest.mark.seed("E29")
def test_json_holds_one_object_for_each_row() -> None:
    assert json.loads(b"".join(write_json(HEADER, MIXED)), parse_float=Decimal) == [
        {"text": '=HYPERLINK("http://x")', "whole": -5, "part": Decimal("0.25"),
         "exact": Decimal("12.5"), "yes": True, "note": None},
        {"text": "+49 30 1", "whole": 10**15 - 1, "part": Decimal("-1.5"),
         "exact": Decimal("-0.1"), "yes": False, "note": ""},
        {"text": "<b>&'\"]]>", "whole": 10**15, "part": Decimal("2.0"),
         "exact": Decimal("1234567890123456.8"), "yes": None, "note": "ü\n€"},
    ]  # fmt: skip
    assert b"".join(write_json(HEADER, [])) == b"[]\n"


@pytest.mark.parametrize("write", [write_csv, write_xlsx, write_json])
def test_a_table_goes_out_while_its_rows_come(write: Write) -> None:
    asked = 0

    def rows() -> Iterable[tuple[str, str]]:
        nonlocal asked
        for asked in range(1, 20_001):
            yield f"SN-{asked * 7919 % 99991:06}", f"{asked * asked}"

    pieces = iter(write(("serial", "note"), rows()))
    first = next(pieces)
    assert asked < 10_000
    pieces_left = list(pieces)
    assert asked == 20_000
    assert len(pieces_left) > 1
    assert max(map(len, [first, *pieces_left])) < 200_000


def test_a_text_longer_than_a_sheets_cell_is_refused_and_not_cut() -> None:
    with pytest.raises(InputRefused, match=r"^Cell B2 has 32768 characters; a sheet's cell holds"):
        b"".join(write_xlsx(("a", "b"), [("x", "y" * 32_768)]))
    assert b"".join(write_xlsx(("a", "b"), [("x", "y" * 32_767)]))


def test_a_writer_that_is_given_up_half_way_leaves_nothing_open() -> None:
    pieces = write_xlsx(("a",), ((str(n * 7919),) for n in range(200_000)))
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
