"""What five systems do with serial numbers, row by row, and the test that proves each here.

The rows are from help pages of NetSuite (N, T), aACE (A), MRPeasy (M) and Tall Emu CRM (E). A test
names those it proves by ``@pytest.mark.seed("T9")``; ``proofs`` finds them without importing it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

TESTS = Path(__file__).parent.parent / "tests"

SYSTEMS = {
    "N": "NetSuite: serial numbered items",
    "T": "NetSuite: serialized inventory on item records",
    "A": "aACE",
    "M": "MRPeasy",
    "E": "Tall Emu CRM",
}


class Row(NamedTuple):
    """A behaviour of one of the five."""

    id: str
    says: str
    kind: Literal["works", "equivalent"] = "works"
    """``equivalent``: outside a gateway's work, with what stands in its place."""


_SCREENS = """
N14 N18 N19 N20 N23 T1 T2 T3 T4 T19 T20 A10 A11 A12 A13 A14 A17 A18 A19 A20 A21 A23
M1 M2 M3 M4 M5 M6 M7 M8 M11 M16 M23 M27
E7 E8 E9 E13 E14 E15 E16 E18 E19 E20 E21 E22 E24 E26 E28 E29 E30 E31 E33
"""

SCREENS = frozenset(_SCREENS.split())
"""Rows that are done when their screen is: one of their tests opens it in a browser."""


_ROWS = """
N1 | A piece with a serial is one row for each of its lives
N2 | A certain serial is chosen for an order, to fulfil or to receive it
N3 | The whole history of a serial, with its cost and state
N4 | Serial tracking is a feature that is switched on, and so are its parts
N5 | The state of every serial can be seen
N6 | Documents buy, sell and process serialised pieces
N7 | Serials go into assemblies, which have serials themselves
N8 | What a customer bought is listed by serial; a serial can be taken off a case
N9 | Items have several units of measure
N10 | A serialised item's units are whole pieces
N11 | Kits ask for the serials and lots of their members
N12 | Serials in a field are parted by spaces, commas or line breaks
N13 | One serial for each piece, asked for at the gates and not while drafting
N14 | Serials are chosen from those that are available
N15 | Naming a serial reserves just that piece
N16 | Without a serial only the quantity is reserved, and the serial named later
N17 | Serials lie in bins
N18 | Serials of a line can be added, removed, and its quantity changed
N19 | A line says that serials are needed, while it can be changed
N20 | A line says that its serials are complete
N21 | Who may change a document may change its serials
N22 | Serials have custom fields
N23 | Memo and custom fields of each serial are entered at the receipt, and later too
N24 | Serials are searched by their custom fields
N25 | Serials are searched by what they are, where they are, and whose
N26 | Only physical kinds of items have serials; drop shipments never come to us
T1 | The serials of an item are listed
T2 | All serials an item ever had
T3 | Only the serials on hand
T4 | At active locations, at all, or at some
T5 | A serial on hand is unique for its item
T6 | A serial that has left may be used again
T7 | It may be bought again or adjusted in, and not while it is on hand
T8 | It is unique over all locations
T9 | A1234 cannot be bought again until it was sold or adjusted out
T10 | A customer's return is refused while that serial is on hand
T11 | Two items may have the same serial on hand
T12 | A serial on hand is refused with another suggested; the other lines stay
T13 | Cost and price by serial, account codes, and a journal instead of postings | equivalent
T14 | A report of margin by serial instead of an income statement | equivalent
T15 | On hand is received and not yet picked
T16 | On order is ordered and not yet received
T17 | Committed is promised and not yet picked
T18 | Items have a reorder point
T19 | A stock view with the four quantities
T20 | A word when stock comes down to the reorder point, once for each crossing
A1 | Every piece is tracked for itself, and who did what with it
A2 | Tracking is chosen item by item
A3 | Warranty and service dates follow from receipt and shipment
A4 | All movements of an item can be looked through
A5 | Mistyped serials are answered with what looks like them
A6 | With the strict rule an item is serialised before it is used, and not after
A7 | Stock items and assemblies can be serialised, other kinds not
A8 | The next serial is kept for each item
A9 | A receipt is filled with the next serials
A10 | The next serial then moves on
A11 | Short numbers are filled with zeros
A12 | Lines say that they need serials, and receipts need them
A13 | The serials of a line open on a click
A14 | Commas, semicolons and line breaks part serials
A15 | A range such as 1000-1234 is all between
A16 | Lists are pasted from a spreadsheet
A17 | Serials are scanned one by one onto a line
A18 | A line with all its serials lets the receipt be finished
A19 | Lots show their serials, and are found by them
A20 | A lot's serials are parted into allocated and remaining
A21 | A shipment is saved without serials, and not shipped without
A22 | Returns and adjustments need a reason, a place and a document
A23 | Scanners are set up and tried
M1 | One list of all serials of all items
M2 | Serials are searched and filtered
M3 | The details of a serial
M4 | The history of a serial
M5 | The state of a serial
M6 | The customer it was shipped to
M7 | Custom fields of serials are edited
M8 | Labels of serials are printed from the list
M9 | Serials are recorded when an order is received
M10 | Serials are recorded in production: of parts used and of products made
M11 | Serials of a lot are entered and changed
M12 | States change by what is done, and by nothing else
M13 | Planned: not received yet, and so is its lot
M14 | Received: in stock
M15 | Consumed: built into a product
M16 | Shipped: and to whom, with which shipment
M17 | Written off: lost or broken
M18 | Rejected: failed an inspection, where those are switched on
M19 | Returned: came back from a customer, where returns are switched on
M20 | Serials move to another warehouse
M21 | Serials are shipped to customers
M22 | Returns from customers are accepted
M23 | Labels are printed from a list, a lot, a work order
M24 | A label for serials is laid out like any other
M25 | The standard label carries the serial's barcode
M26 | A scanned serial has one defined answer
M27 | Help where nothing is yet
E1 | Serialised items need serials everywhere
E2 | An item is serialised later, too
E3 | Not after it is known to the accounts, unless an administrator unlocks it
E4 | Serial tracking switches stock tracking on
E5 | Account codes can be demanded; nothing is posted | equivalent
E6 | The switch is a change like any other
E7 | An item with stock is serialised, and its pieces get serials
E8 | Serials are added on an item's page
E9 | Serials are adjusted in and out by hand
E10 | The switch back, while the accounts do not know it
E11 | The switch back warns; stock tracking stays on and is switched off apart
E12 | A serialised item becomes one tracked by lot
E13 | New serials are entered with their place, down to the bay
E14 | A page can hide the tab, and says why it is not there
E15 | A change is saved whole or not at all
E16 | A scanner that types, types into the box
E17 | An order's serials are given before it is received
E18 | A finished receipt shows its serials
E19 | Serials are changed only while the document can be
E20 | Serials are added in bulk or one by one
E21 | A bulk list is looked at before it is applied
E22 | A serial has quantity one
E23 | Sales orders, shipments and invoices use serials
E24 | Serials are picked from those available
E25 | Serials are complete before a shipment or an invoice
E26 | Chosen serials can be changed until they are shipped
E27 | A work order does not start without its serials
E28 | The movements tab can be hidden
E29 | Reports are found by name and looked at before they run
E30 | Items sold and items invoiced before, with their serials
E31 | A serial is adjusted by one, up or down
E32 | Adjustments are fetched by the accounts, with a cursor
E33 | A stocktake adjusts quantities and finds new serials and lots
E34 | Bays, transfers, units, landed cost, import and export, inactive items
E35 | Backorders and currencies; no quotations, price breaks or portals | equivalent
"""


def _read() -> Iterator[Row]:
    for line in _ROWS.strip().splitlines():
        number, says, *kind = (part.strip() for part in line.split(" | "))
        yield Row(number, says, kind[0] if kind else "works")  # type: ignore[arg-type]


ROWS = tuple(_read())


@cache
def proofs() -> dict[str, list[str]]:
    """Return the tests that prove each row, as ``tests/store/test_x.py::test_y``."""
    found: dict[str, list[str]] = {}
    for file in sorted(TESTS.rglob("test_*.py")):
        text = file.read_text("utf-8")
        if "seed(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                for number in _seeds(node):
                    name = f"{file.relative_to(TESTS.parent).as_posix()}::{node.name}"
                    found.setdefault(number, []).append(name)
    return found


def in_browser(test: str) -> bool:
    """Return whether a test opens pages in a browser.

    >>> in_browser("tests/console/test_items_in_browser.py::test_x")
    True
    """
    return "_in_browser.py" in test or test.startswith("tests/walks/")


def _seeds(function: ast.FunctionDef) -> Iterator[str]:
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.seed":
            for argument in decorator.args:
                assert isinstance(argument, ast.Constant)
                yield str(argument.value)


def registry_rows() -> str:
    """Return the table of all rows, system by system."""
    known = proofs()
    proved = sum(bool(known.get(row.id)) for row in ROWS)
    shown_in = sum(any(map(in_browser, known.get(row, ()))) for row in SCREENS)
    lines = [
        f"{proved} of {len(ROWS)} rows are proved by tests. {shown_in} of the {len(SCREENS)} that "
        "are somebody's work on a screen are proved in a browser, too.",
        "",
    ]
    for letter, system in SYSTEMS.items():
        lines += [f"### {system}", "", "| | behaviour | proved by |", "|---|---|---|"]
        for row in ROWS:
            if not row.id.startswith(letter):
                continue
            tests = sorted(set(known.get(row.id, ())))
            if row.id in SCREENS:
                tests.sort(key=lambda test: not in_browser(test))
            shown = "<br>".join(
                f"[{_words(test)}](../{test.partition('::')[0]})" for test in tests[:3]
            )
            lines.append(f"| {row.id} | {row.says} | {shown} |")
        lines.append("")
    return "\n".join(lines)


def _words(test: str) -> str:
    return test.partition("::")[2].removeprefix("test_").replace("_", " ")
