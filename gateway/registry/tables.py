r"""Tables in and out: what spreadsheets save becomes rows of text, and rows become such files.

    bytes ──read_table──► Table(header, rows of text)      CSV, tab-separated text, XLSX
    header, rows ──write_csv, write_xlsx, write_json──► bytes, a piece at a time

What is written here and read back is the same text, whatever stands in it. A cell a spreadsheet
would take for a formula is written so that it does not.

>>> table = read_table(b"serial;note\nSN-1;\"first; best\"\nSN-2;\n")
>>> table.header, table.rows[1]
(('serial', 'note'), Row(number=3, values={'serial': 'SN-2', 'note': ''}))
>>> b"".join(write_csv(("serial", "pieces"), [("=1+1", -1)])).decode("utf-8-sig")
"serial,pieces\r\n'=1+1,-1\r\n"
>>> read_table(b"".join(write_csv(("serial",), [("=1+1",)]))).rows[0].values
{'serial': '=1+1'}
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, Literal
from xml.etree.ElementTree import ParseError

from gateway.errors import InputRefused, TooLarge, Unreadable

Cell = str | int | float | Decimal | bool | None
"""What a cell of a table that goes out may be; a text stays a text and a number a number."""

MOST_ROWS: Final = 200_000
"""Rows of one table that comes in: two full lists of serials, some 100 MB while it is worked on."""

MOST_COLUMNS: Final = 1_000
"""Columns of one table: no form here has a hundred."""

_LARGEST: Final = 256 * 1024 * 1024
"""Bytes of a workbook unpacked: 200,000 rows of twenty columns are some 200 MB of XML."""

_MOST_TAGS: Final = 200_000
"""Tags in one row of a sheet, or in one part of the workbook without rows: each becomes an object
in memory, so a small file of nothing but tags would fill it."""

_MOST_ENDS: Final = 2_000_000
"""Rows of a sheet, or different texts of a workbook: each leaves some bytes behind when it is read,
and 200,000 rows of ten texts need no more."""

_SHEET_ROWS: Final = 1_048_576
_SHEET_TEXT: Final = 32_767
"""Rows of a sheet and characters of a cell (Microsoft: Excel specifications and limits)."""

_EXACT: Final = 10**15
"""A spreadsheet keeps 15 digits of a number (Microsoft: Excel specifications and limits)."""

_PIECE: Final = 64 * 1024
_MOST_NAMED: Final = 100

_ERRORS: Final = frozenset(
    ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA")
)
"""What a cell shows whose formula failed (ECMA-376-1, 18.17.3)."""

_FORMULA: Final = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
"""What spreadsheets may take for a formula (OWASP, CSV Injection), behind any apostrophes, so that
one more can be taken off again without a doubt."""

_UNWRITABLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)"
)
_AWKWARD: Final = re.compile("[&<>\x00-\x1f\ud800-\udfff\ufffe\uffff]|_x|^\\s|\\s$")
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
"""Characters XML cannot carry are ``_x0001_`` in a workbook (ECMA-376-1, 22.9.2.19 ST_Xstring)."""

_FOREIGN: Final = re.compile(
    rb"\xfe\xff|\xff\xfe|<\?xml[^>]*encoding\s*=\s*[\"'](?!utf-8|us-ascii)", re.IGNORECASE
)
"""Any other encoding than UTF-8 could hide a definition of entities from the check for one."""

_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, ParseError, LookupError, ValueError, TypeError, AttributeError,
    ArithmeticError, EOFError, OSError, NotImplementedError, RuntimeError, AssertionError,
)  # fmt: skip
"""What openpyxl and the libraries below it raise for a workbook that is damaged."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as text; ``number`` is the line or row a person finds it at."""

    number: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was read; ``notes`` are sentences on what had to be guessed."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    form: Literal["csv", "xlsx"]
    notes: tuple[str, ...] = ()


# ------------------------------------------------------------------------------------- reading


def read_table(content: bytes, name: str = "the file", *, most_rows: int = MOST_ROWS) -> Table:
    """Return the rows of a CSV file or of a workbook's first sheet; ``name`` is for sentences.

    The content says what it is. The first row that is not empty names the columns; empty rows are
    left out, and an empty cell is an empty text.

    Raises:
        Unreadable: it is neither, or damaged.
        InputRefused: the heading is not one, a row does not fit it, or a cell cannot be read.
        TooLarge: more rows, columns or bytes than are taken at once.
    """
    if content.startswith(b"PK\x03\x04"):
        cells, notes = _sheet_rows(content, name)
        return _table(cells, name, "xlsx", notes, most_rows)
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):  # [MS-CFB] 2.2
        raise Unreadable(
            f"{name} is a workbook of the old kind (.xls) or has a password; save it without one "
            "as .xlsx or CSV."
        )
    text, notes = _decode(content, name)
    return _table(_csv_rows(text, name), name, "csv", notes, most_rows)


def _table(
    rows: Iterator[tuple[int, list[str]]],
    name: str,
    form: Literal["csv", "xlsx"],
    notes: tuple[str, ...],
    most_rows: int,
) -> Table:
    header: tuple[str, ...] = ()
    found: list[Row] = []
    for number, cells in rows:
        if not any(cells):
            continue
        if not header:
            header = _header(cells, name, number)
            continue
        if len(cells) < len(header) and form == "xlsx":
            cells.extend([""] * (len(header) - len(cells)))
        elif len(cells) > len(header) and not any(cells[len(header) :]):
            del cells[len(header) :]
        if len(cells) != len(header):
            raise InputRefused(
                f"{name}, row {number}: the row has {len(cells)} cells and the heading "
                f"{len(header)}; every cell needs a column with a name.",
                row=number,
            )
        if len(found) == most_rows:
            raise TooLarge(
                f"{name} has more than {most_rows} rows; send it in parts.", rows=most_rows
            )
        found.append(Row(number, dict(zip(header, cells, strict=True))))
    if not header:
        raise InputRefused(f"{name} is empty; the first row names the columns.")
    return Table(header, tuple(found), form, notes)


def _header(cells: Sequence[str], name: str, number: int) -> tuple[str, ...]:
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise TooLarge(
            f"{name} has {len(names)} columns; {MOST_COLUMNS} are read.", columns=len(names)
        )
    for column, title in enumerate(names, 1):
        if not title:
            raise InputRefused(
                f"{name}, row {number}: column {_letters(column)} has no heading; the first row "
                "names the columns.",
                row=number,
                cell=f"{_letters(column)}{number}",
            )
        if names.index(title) != column - 1:
            raise InputRefused(
                f"{name}, row {number}: the heading {title!r} stands twice; rename one of them.",
                row=number,
                cell=f"{_letters(column)}{number}",
            )
    return tuple(names)


def _decode(content: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ):
        if content.startswith(mark):
            try:
                return content[len(mark) :].decode(encoding), ()
            except UnicodeDecodeError as error:
                raise Unreadable(
                    f"{name} says it is {encoding.upper()} and is not, at byte "
                    f"{error.start + len(mark)}; save it as CSV in UTF-8."
                ) from None
    if b"\0" in content:
        raise Unreadable(
            f"{name} is neither CSV nor an XLSX workbook: it holds a zero byte at "
            f"{content.index(0)}; save the table as .xlsx or as CSV in UTF-8."
        )
    try:
        return content.decode(), ()
    except UnicodeDecodeError as no_utf_8:
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError:
            raise Unreadable(
                f"{name} is neither UTF-8 nor Windows-1252, at byte {no_utf_8.start}; save it as "
                "CSV in UTF-8."
            ) from None
        return text, (
            f"{name} is not UTF-8 and was read as Windows-1252; if letters with accents look "
            "wrong, save it as CSV in UTF-8.",
        )


def _csv_rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    before, separator = 0, None
    if told := re.match(r"sep=([,;\t])\r?\n", text, re.IGNORECASE):  # a line for Excel alone
        before, separator, text = 1, told[1], text[told.end() :]
    if separator is None:
        # Spreadsheets of half the world separate by semicolon, and call it comma-separated.
        head = re.sub('"[^"]*"', "", text.lstrip().partition("\n")[0])
        separator = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = before + 1
    try:
        for cells in reader:
            if any(map(_FORMULA.match, cells)):
                yield number, [_taken_off(cell) for cell in cells]
            else:
                yield number, cells
            number = before + reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(
            f"{name}, line {before + reader.line_num}: this is not CSV: {error}.",
            row=before + reader.line_num,
        ) from None


def _taken_off(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell) else cell


def _sheet_rows(
    content: bytes, name: str
) -> tuple[Iterator[tuple[int, list[str]]], tuple[str, ...]]:
    """Return the numbered rows of the first sheet that can be seen, and what to say of others."""
    from openpyxl import load_workbook  # late: half a second no other request needs

    # It tells of parts it leaves out (charts, rules); none of them holds a cell.
    warnings.filterwarnings("ignore", module=r"openpyxl\.")
    try:
        _check_parts(content, name)
        workbook = load_workbook(
            io.BytesIO(content), read_only=True, data_only=True, keep_links=False
        )
        sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    except _BROKEN as error:
        raise _damaged(name, error) from error
    if not sheets:
        raise Unreadable(f"{name} has no sheet that can be seen; save the table as .xlsx or CSV.")
    sheet = sheets[0]
    sheet.reset_dimensions()  # the size a sheet says it has may be a million empty columns
    notes: tuple[str, ...] = ()
    if len(sheets) > 1:
        notes = (f"{name} has {len(sheets)} sheets; only the first, {sheet.title!r}, was read.",)

    def rows() -> Iterator[tuple[int, list[str]]]:
        unread: list[tuple[str, str]] = []
        errors: list[tuple[int, int]] = []
        try:
            for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
                if number > _SHEET_ROWS:
                    raise TooLarge(f"{name} has a row beyond {_SHEET_ROWS}, where sheets end.")
                if len(values) > MOST_COLUMNS and any(v is not None for v in values[MOST_COLUMNS:]):
                    raise TooLarge(
                        f"{name}, row {number} has {len(values)} columns; {MOST_COLUMNS} are read.",
                        columns=len(values),
                    )
                yield number, [
                    value if value.__class__ is str and "_x" not in value and value[:1] != "#"
                    else _text(value, number, column, unread, errors)
                    for column, value in enumerate(values[:MOST_COLUMNS], 1)
                ]  # fmt: skip
            # A person may have typed "#N/A": only the cell itself, which is slow to ask for, knows.
            for row, column in errors[:_MOST_NAMED]:
                [[cell]] = sheet.iter_rows(row, row, column, column)
                if cell.data_type == "e":
                    why = f"its formula shows {cell.value}; mend it."
                    unread.append((f"{_letters(column)}{row}", why))
        except _BROKEN as error:
            raise _damaged(name, error) from error
        if unread:
            raise _unread(name, unread)

    return rows(), notes


def _damaged(name: str, error: BaseException) -> Unreadable:
    cause = " ".join(str(error).split())[:200] or type(error).__name__
    return Unreadable(
        f"{name} is not a workbook that can be read ({cause}); open it in a spreadsheet and save "
        "it as .xlsx or CSV."
    )


def _unread(name: str, unread: list[tuple[str, str]]) -> InputRefused:
    more = f" ({len(unread)} cells are like that)" if len(unread) > 1 else ""
    return InputRefused(
        f"{name}, cell {unread[0][0]}: {unread[0][1]}{more}",
        cells=[{"cell": cell, "detail": why} for cell, why in unread[:_MOST_NAMED]],
    )


def _text(
    value: object,
    row: int,
    column: int,
    unread: list[tuple[str, str]],
    errors: list[tuple[int, int]],
) -> str:
    """Return what a person typed into a cell, as far as the file still knows it."""
    match value:
        case None:
            return ""
        case str() if value in _ERRORS:
            errors.append((row, column))
            return value
        case str():
            return _ESCAPED.sub(lambda code: chr(int(code[1], 16)), value)
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float() if abs(value) < _EXACT:
            if value == int(value):
                return str(int(value))
            return format(Decimal(format(value, ".15g")), "f")
        case int() | float():
            unread.append(
                (
                    f"{_letters(column)}{row}",
                    f"it holds the number {value:.15G}, of which a spreadsheet keeps only 15 "
                    "digits; format the column as text and enter it again.",
                )
            )
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ", "seconds")
        case date() | time():
            return value.isoformat()
        case timedelta():
            seconds = round(value.total_seconds())
            sign = "-" if seconds < 0 else ""
            minutes, second = divmod(abs(seconds), 60)
            return f"{sign}{minutes // 60}:{minutes % 60:02}:{second:02}"
        case _:
            unread.append(
                (f"{_letters(column)}{row}", f"it holds a {type(value).__name__}; enter text.")
            )
    return ""


def _check_parts(content: bytes, name: str) -> None:
    """Check, without building anything of it, that a workbook's parts fit into memory.

    Raises:
        TooLarge: it would fill the memory.
        Unreadable: it is no workbook, or its XML defines entities, which none needs.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        names = archive.namelist()
        if "mimetype" in names:
            raise Unreadable(f"{name} is an OpenDocument file; save it as .xlsx or CSV.")
        if "xl/workbook.xml" not in names and "[Content_Types].xml" not in names:
            raise Unreadable(f"{name} is a ZIP archive and no workbook; send the table itself.")
        size = sum(part.file_size for part in parts)
        if size > _LARGEST:
            raise TooLarge(
                f"{name} unpacks to {size // 2**20} MB; a table may have {_LARGEST // 2**20}.",
                bytes=size,
            )
        for part in parts:
            with archive.open(part) as stream:
                tail, tags, ends = b"", 0, 0
                piece = stream.read(_PIECE)
                if _FOREIGN.match(piece):
                    raise _odd(name)
                if piece.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"<", b""):
                    continue  # a picture: no parser takes it for XML
                while piece:
                    whole = tail + piece
                    if b"<!D" in whole or b"<!E" in whole:
                        raise _odd(name)
                    between = re.split(rb"</(?:\w+:)?(?:row|si)>", whole)
                    counts = [stretch.count(b"<") for stretch in between]
                    counts[0] += tags
                    ends += len(counts) - 1
                    if max(counts) > _MOST_TAGS:
                        raise TooLarge(f"{name} holds a row with more cells than any table needs.")
                    if ends > _MOST_ENDS:
                        raise TooLarge(f"{name} holds more rows or texts than any table needs.")
                    # The end of a row may be cut in two between pieces: look at it again, and count
                    # what it holds only once.
                    tail = whole[-40:] if len(whole) > 40 else b""
                    tags = max(0, counts[-1] - tail.count(b"<"))
                    piece = stream.read(2**20)


def _odd(name: str) -> Unreadable:
    return Unreadable(
        f"{name} holds XML that no spreadsheet writes; save the table again as .xlsx or CSV."
    )


def _letters(column: int) -> str:
    """Return the letters of a column.

    >>> _letters(1), _letters(26), _letters(27), _letters(16384)
    ('A', 'Z', 'AA', 'XFD')
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


# ------------------------------------------------------------------------------------- writing


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield CSV (RFC 4180, UTF-8 with the mark spreadsheets know it by) of the rows.

    A text that a spreadsheet might take for a formula has an apostrophe before it, which
    ``read_table`` takes off again; numbers are left alone.
    """
    buffer = io.StringIO("\ufeff", newline="")
    buffer.seek(1)
    writer = csv.writer(buffer)
    writer.writerow([_defused(title) for title in header])
    for row in rows:
        writer.writerow([_defused(cell) if cell.__class__ is str else _plain(cell) for cell in row])
        if buffer.tell() >= _PIECE:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _defused(cell: Cell) -> str:
    text = str(cell)
    return "'" + text if _FORMULA.match(text) else text


def _plain(cell: Cell) -> Cell:
    match cell:
        case bool():
            return "TRUE" if cell else "FALSE"
        case Decimal():
            return format(cell, "f")
        case str():  # a subclass
            return _defused(cell)
        case _:
            return cell


def write_json(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield a JSON array of one object for each row, one on a line.

    >>> b"".join(write_json(("serial", "pieces"), [("SN-1", 1), ("SN-2", None)]))
    b'[{"serial":"SN-1","pieces":1},\\n{"serial":"SN-2","pieces":null}]\\n'
    """
    encode = json.JSONEncoder(
        ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=float
    ).encode
    pieces, size, before = ["["], 0, ""
    for row in rows:
        pieces.append(before + encode(dict(zip(header, row, strict=True))))
        size += len(pieces[-1])
        before = ",\n"
        if size >= _PIECE:
            yield "".join(pieces).encode()
            pieces, size = [], 0
    pieces.append("]\n")
    yield "".join(pieces).encode()


_PARTS: Final = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        '<Override PartName="/xl/styles.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/worksheet" Target="worksheets/sheet1.xml"/>'
        '<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/styles" Target="styles.xml"/></Relationships>'
    ),
    # Style 0 is a number, 1 a text that stays one when a person edits it (format 49 is "@"), 2 a
    # heading.
    "xl/styles.xml": (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
        '</cellStyleXfs><cellXfs count="3">'
        '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" '
        'applyNumberFormat="1"/>'
        '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" '
        'applyFont="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    ),
}
"""The parts of a workbook that are the same for each (ECMA-376-1, 12.2; ECMA-376-2)."""

_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


class _Drain(io.RawIOBase):
    """A file that only grows: what was written to it is taken away at once."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes, /) -> int:  # type: ignore[override]
        self._pieces.append(bytes(piece))
        return len(piece)

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def write_xlsx(
    header: Sequence[str], rows: Iterable[Sequence[Cell]], title: str = "Table"
) -> Iterator[bytes]:
    """Yield an XLSX workbook of one sheet as its rows come, without keeping them.

    A text is typed as text, whatever it begins with; a number of more than 15 digits is written as
    text, because a spreadsheet would round it.

    Raises:
        InputRefused: more rows than a sheet has, or more characters than a cell holds.
    """
    drain = _Drain()
    with zipfile.ZipFile(drain, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for name, text in _PARTS.items():
            archive.writestr(_part(name), _XML + text)
        sheet_name = _escaped(re.sub(r"[\[\]:*?/\\]", " ", title).strip("' ")[:31] or "Table")
        archive.writestr(
            _part("xl/workbook.xml"),
            f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="http://schemas.openxmlformats.org/'
            'officeDocument/2006/relationships"><sheets>'
            f'<sheet name="{sheet_name.replace(chr(34), "&quot;")}" sheetId="1" r:id="rId1"/>'
            "</sheets></workbook>",
        )
        with archive.open(_part("xl/worksheets/sheet1.xml"), "w") as sheet:
            columns = "".join(
                f'<col min="{i}" max="{i}" width="{min(max(len(name) + 3, 12), 60)}" '
                'customWidth="1"/>'
                for i, name in enumerate(header, 1)
            )
            pieces = [
                f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
                '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
                f"</sheetView></sheetViews>{f'<cols>{columns}</cols>' if columns else ''}"
                f"<sheetData>{_row(1, header, style=2)}"
            ]
            size = 0
            for number, row in enumerate(rows, 2):
                if number > _SHEET_ROWS:
                    raise InputRefused(
                        f"The table has more than {_SHEET_ROWS - 1} rows, which no sheet holds; "
                        "take CSV, or fewer rows.",
                        rows=number - 1,
                    )
                pieces.append(_row(number, row, style=1))
                size += len(pieces[-1])
                if size >= _PIECE:
                    sheet.write("".join(pieces).encode())
                    pieces, size = [], 0
                    yield drain.take()
            pieces.append("</sheetData></worksheet>")
            sheet.write("".join(pieces).encode())
    yield drain.take()


def _part(name: str) -> zipfile.ZipInfo:
    part = zipfile.ZipInfo(name)  # of 1980: the same rows are the same bytes
    part.compress_type = zipfile.ZIP_DEFLATED
    return part


def _row(number: int, cells: Sequence[Cell], style: int) -> str:
    written = []
    for column, cell in enumerate(cells, 1):
        match cell:
            case None:
                continue
            case bool():
                kind, content = "b", f"<v>{int(cell)}</v>"
            case int() if abs(cell) < _EXACT:
                kind, content = "n", f"<v>{cell}</v>"
            case float() if math.isfinite(cell):
                kind, content = "n", f"<v>{cell!r}</v>"
            case Decimal() if len(cell.as_tuple().digits) <= 15 and abs(cell) < _EXACT:
                kind, content = "n", f"<v>{cell:f}</v>"
            case _:
                text = f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
                if len(text) > _SHEET_TEXT:
                    raise InputRefused(
                        f"Cell {_letters(column)}{number} has {len(text)} characters; a sheet's "
                        f"cell holds {_SHEET_TEXT}. Take CSV or JSON instead.",
                        cell=f"{_letters(column)}{number}",
                    )
                space = ""
                if _AWKWARD.search(text):
                    text = _escaped(text)
                    space = ' xml:space="preserve"'
                written.append(
                    f'<c r="{_letters(column)}{number}" s="{style}" t="inlineStr"><is>'
                    f"<t{space}>{text}</t></is></c>"
                )
                continue
        written.append(f'<c r="{_letters(column)}{number}" t="{kind}">{content}</c>')
    return f'<row r="{number}">{"".join(written)}</row>'


def _escaped(text: str) -> str:
    text = _UNWRITABLE.sub(lambda one: f"_x{ord(one[0]):04X}_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
