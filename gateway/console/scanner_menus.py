"""What to set on a scanner, in the words of its maker's menu.

Makers' own programming barcodes begin with FNC3 or hold symbols of their own, which no encoder of
barcodes draws from a text; so the sheet names the entry of the maker's guide, and the guide's page
is scanned. Only words that the guide named has.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Menu:
    """A maker's words; empty where the guides that were read do not name it."""

    maker: str
    best: str
    """What makes it send bytes and not keys: HID POS where there is one, else a serial port."""
    keyboard: str
    """Its keyboard mode, and where the country is set."""
    aim: str
    """What makes it say which kind of barcode it was."""
    ending: str
    """What makes it end each code with Enter."""
    source: str


MENUS: tuple[Menu, ...] = (
    Menu(
        "Honeywell",
        "Terminal ID 131: HID POS; else Terminal ID 130: Serial",
        "Terminal ID 124: PC keyboard (HID); then Keyboard Country Layout",
        "Data Editing, Add Prefix: AIM I.D.",
        "Data Editing, Add Suffix: CR",
        "Voyager 1200g and 1450g User's Guides: Terminal ID Table, Keyboard Country Layout, "
        "Prefix/Suffix Overview",
    ),
    Menu(
        "Zebra (Symbol, Motorola)",
        "Simple COM Port Emulation",
        "HID Keyboard Emulation",
        "Transmit Code ID Character",
        "Prefix/Suffix Values",
        "DS9208 Product Reference Guide, Miscellaneous Scanner Parameters; MS4404 Integration "
        "Guide, 9-3",
    ),
    Menu(
        "Datalogic",
        "USB-COM",
        "USB Keyboard Settings",
        "Global AIM ID",
        "Set Suffix, between two scans of Enter/Exit",
        "Gryphon I GFS4400 Product Reference Guide, Data Format; Custom Prefix and Suffix "
        "Instructions",
    ),
    Menu(
        "Newland",
        "USB Interface: HID-POS",
        "USB Interface: HID-KBW; then its keyboard layout",
        "",
        "",
        "NLS-FM420 Integration Guide, USB Interface; NLS-HR52 User Manual",
    ),
)
"""The makers whose guides were read."""
