"""Known scanners: every row says something, and a keyboard is none."""

from __future__ import annotations

import re

from gateway.scanners.profiles import known_scanner, load_scanners


def test_every_row_is_whole() -> None:
    for scanner in load_scanners().values():
        assert re.fullmatch(r"[0-9a-f]{4}(:[0-9a-f]{4})?", scanner.usb), scanner
        assert scanner.title, scanner
        assert scanner.source, scanner


def test_a_product_wins_over_its_maker() -> None:
    for vendor, product, title, way, feedback in (
        (0x05F9, 0x4204, "Datalogic Gryphon", "serial", "datalogic"),
        (0x05F9, 0x1234, "Datalogic (PSC) scanner", None, "datalogic"),
        (0x1EAB, 0x1310, "Newland EM20xx, EM30xx, HR3260", "hid", "none"),
        (0x0C2E, 0x0B6A, "Honeywell Vuquest 3310", None, "honeywell_esc"),
        (0x05E0, 0x1200, "Zebra (Symbol) scanner", "wedge", "none"),
    ):
        known = known_scanner(vendor, product)
        assert known is not None
        assert (known.title, known.way, known.feedback) == (title, way, feedback)


def test_what_makes_other_things_too_is_known_by_its_product_only() -> None:
    # A Cypress mouse, a Logitech keyboard, a CH340 serial adapter, a Symbol wireless LAN adapter.
    for vendor, product in ((0x04B4, 0x0001), (0x046D, 0xC31C), (0x1A86, 0x7523), (0x05E0, 0x0800)):
        assert known_scanner(vendor, product) is None
