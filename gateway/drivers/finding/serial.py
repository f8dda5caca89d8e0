"""Serial ports: what is behind one shows only when it is asked, so each is offered as a port."""

from __future__ import annotations

from gateway.devices.ports import SerialPort
from gateway.drivers.finding.found import Found, describe_found
from gateway.drivers.transports.serial import list_serial_ports


def find(timeout: float) -> list[Found]:
    """Return the serial ports of this computer; nothing is sent to them.

    Raises:
        DeviceUnreachable: the system does not tell.
    """
    return [describe_port(port) for port in list_serial_ports()]


def describe_port(port: SerialPort) -> Found:
    """Return a port as a found device: it says what the adapter is, not what is behind it."""
    usb_id = "" if port.vendor is None else f"{port.vendor:04x}:{port.product or 0:04x}"
    return describe_found(
        port.url,
        "serial",
        serial=port.serial_number,
        usb_id=usb_id,
        name=f"{port.device} {port.description}",
    )
