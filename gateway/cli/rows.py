"""Rows of a file, one label each: CSV as spreadsheets save it, or a JSON object a line.

A row that cannot be read stops the whole file, with the line: half a batch is worse than none.

>>> read_rows("serial;item\\nSN-1;HT-9000\\nSN-2;\\n", "batch.csv", "csv")
[{'serial': 'SN-1', 'item': 'HT-9000'}, {'serial': 'SN-2'}]
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from gateway.errors import FieldRefused

Row = Mapping[str, Any]

MOST_ROWS = 5_000
"""Rows in one job: an answer in under a second, and far below the daemon's limits for a job."""

MOST_BYTES = 8 * 1024 * 1024
"""Bytes of JSON in one job; the daemon takes 10 MB."""


def read_rows(text: str, source: str, form: Literal["csv", "jsonl"]) -> list[Row]:
    """Return the rows of a text; ``source`` is for the sentences.

    Raises:
        FieldRefused: a line is not a row, or there is none.
    """
    rows = list(_csv_rows(text, source) if form == "csv" else _json_rows(text, source))
    if not rows:
        raise FieldRefused(f"{source} has no rows; each row is a label.")
    return rows


def _csv_rows(text: str, source: str) -> Iterator[Row]:
    lines = text.removeprefix("\ufeff")
    head = lines.partition("\n")[0]
    # Spreadsheets of half the world separate by semicolon, and call it comma-separated.
    separator = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(lines, newline=""), delimiter=separator, strict=True)
    names: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if names is None:
                names = _names(cells, source)
                continue
            if len(cells) != len(names):
                raise FieldRefused(
                    f"{source}:{reader.line_num}: the row has {len(cells)} cells and the heading "
                    f"{len(names)}."
                )
            # An empty cell is a field that is not given, so that its default can apply.
            yield {name: cell for name, cell in zip(names, cells, strict=True) if cell != ""}
    except csv.Error as error:
        raise FieldRefused(f"{source}:{reader.line_num}: this is not CSV: {error}.") from error


def _names(cells: Sequence[str], source: str) -> list[str]:
    names = [cell.strip() for cell in cells]
    for name in names:
        if not name or names.count(name) > 1:
            what = f"the heading {name!r} comes twice" if name else "a column has no heading"
            raise FieldRefused(f"{source}:1: {what}; the first row names the fields.")
    return names


def _json_rows(text: str, source: str) -> Iterator[Row]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise FieldRefused(f"{source}:{number}: this is not JSON: {error}.") from error
        if not isinstance(row, dict):
            raise FieldRefused(f"{source}:{number}: a row must be a JSON object of fields.")
        yield row


def batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Yield the rows in pieces, each as large as one job may be."""
    start, size = 0, 0
    for index, row in enumerate(rows):
        weight = len(json.dumps(row)) + 1
        if index > start and (index - start >= MOST_ROWS or size + weight > MOST_BYTES):
            yield rows[start:index]
            start, size = index, 0
        size += weight
    yield rows[start:]
