"""Printers on USB: whatever has a printer's interface class, and what it says over USB itself."""

from __future__ import annotations

from gateway.drivers.finding.found import Found, describe_id
from gateway.drivers.ieee1284 import DeviceId
from gateway.drivers.transports.usb import UsbPrinter, list_usb_printers


def find(timeout: float) -> list[Found]:
    """Return the printers that are plugged in; USB answers at once.

    Raises:
        DeviceUnreachable: there is no libusb.
    """
    return [describe_usb(printer) for printer in list_usb_printers()]


def describe_usb(printer: UsbPrinter) -> Found:
    """Return a plugged in printer as a found device."""
    return describe_id(
        printer.url,
        "usb",
        printer.device_id or DeviceId(),
        manufacturer=printer.manufacturer_name,
        model=printer.product_name,
        serial=printer.serial,
        usb_id=f"{printer.vendor:04x}:{printer.product:04x}",
        name=f"USB device {printer.vendor:04x}:{printer.product:04x}",
        problem=printer.problem,
    )
