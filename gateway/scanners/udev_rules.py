r"""The rules that let the gateway's user open the scanners that were added, on Linux.

    URLs of scanners ──scanner_rules──► text of /etc/udev/rules.d/70-label-gateway-scanners.rules

A keyboard is readable by root and the group input, a HID POS scanner by root alone. Each rule names
one scanner, as its URL does: no other keyboard of the computer may be listened to.

>>> print(scanner_rules([Ruled("hid:0c2e:0b61@1-1.2")]).splitlines()[-3])
  ATTRS{idProduct}=="0b61", KERNELS=="1-1.2", GROUP="lp", MODE="0660", TAG+="uaccess"
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.devices.ports import PortName
from gateway.errors import ScannerRefused
from gateway.scanners.plugged import parse_address

RULES_FILE = Path("/etc/udev/rules.d/70-label-gateway-scanners.rules")
"""Before 73-seat-late.rules, which acts on ``uaccess``, and 77-mm-*.rules of ModemManager."""

GROUP = "lp"
"""The group the gateway's user is in for its printers."""

SUBSYSTEMS = ("input", "hidraw", "usb", "tty")
"""Whose devices are looked at anew when the rules have changed."""

_HEAD = """\
# Scanners of label-gateway: the group lp may listen to them, and so may whoever sits at this
# computer. Written by: label-gateway doctor --fix --scanner URL
ACTION=="remove", GOTO="label_gateway_scanners_end"
"""
_END = '\nLABEL="label_gateway_scanners_end"\n'

_RULED = re.compile(r"# scanner (?P<url>\S+)(?P<silent> silent)?")
_BLUETOOTH = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ruled:
    """A scanner that has a rule."""

    url: str
    silent: bool = False
    """A desktop never listens to it: nothing is typed between plugging in and grabbing, and nothing
    when the gateway lets go of it either."""


def check_ruled(url: str) -> str:
    """Return the URL of a scanner that needs a rule, in the one form it is kept in.

    Raises:
        ScannerRefused: it names no scanner that is plugged in, or one that needs no rule.
    """
    port = _port_of(url)
    kept = str(parse_address(url)) if port is None else f"serial://{port}"
    _rule(Ruled(kept))
    return kept


def scanner_rules(scanners: Iterable[Ruled]) -> str:
    """Return the text of the rules' file.

    Raises:
        ScannerRefused: a URL is not one of a scanner that is plugged in.
    """
    by_url = {
        url: replace(ruled, url=url) for ruled in scanners for url in [check_ruled(ruled.url)]
    }
    return _HEAD + "".join(f"\n{_rule(by_url[url])}" for url in sorted(by_url)) + _END


def read_rules(text: str) -> list[Ruled]:
    """Return the scanners that a file written here has rules for.

    >>> read_rules(scanner_rules([Ruled("wedge:0c2e:0b61/A1", silent=True)]))
    [Ruled(url='wedge:0c2e:0b61/A1', silent=True)]
    """
    found = (_RULED.fullmatch(line) for line in text.splitlines())
    return [Ruled(match["url"], match["silent"] is not None) for match in found if match]


def _rule(ruled: Ruled) -> str:
    open_to = f'GROUP="{GROUP}", MODE="0660", TAG+="uaccess"'
    head = f"# scanner {ruled.url}{' silent' if ruled.silent else ''}\n"
    if (port := _port_of(ruled.url)) is not None:
        return head + _rule_of_port(port)
    address = parse_address(ruled.url)
    ids = f'ATTRS{{idVendor}}=="{address.vendor:04x}", \\\n'
    ids += f'  ATTRS{{idProduct}}=="{address.product:04x}"'
    if address.port:
        ids += f', KERNELS=="{address.port}"'
    elif _BLUETOOTH.fullmatch(address.serial):
        ids = f'ATTRS{{uniq}}=="{address.serial.lower()}"'
    elif address.serial:
        ids += f', ATTRS{{serial}}=="{_pattern(address.serial)}"'
    if address.scheme == "hid":
        return f'{head}SUBSYSTEM=="hidraw", {ids}, {open_to}\n'
    if address.scheme != "wedge":
        raise ScannerRefused(
            f"{ruled.url[:200]!r} needs no rule: only wedge:, hid: and serial://usb do.",
            url=ruled.url,
        )
    ignored = ', ENV{LIBINPUT_IGNORE_DEVICE}="1"' if ruled.silent else ""
    return f'{head}SUBSYSTEM=="input", KERNEL=="event*", {ids}, {open_to}{ignored}\n'


def _port_of(url: str) -> PortName | None:
    """Return the port of a serial URL, however its line is set; None for any other URL."""
    scheme, _, rest = url.partition("://")
    if scheme.lower() != "serial":
        return None
    name = PortName.parse(rest.partition("?")[0])
    if name is None or not name.vendor:
        raise ScannerRefused(
            f"{url[:200]!r} needs no rule: a port that is no USB adapter belongs to the group "
            "dialout; name one as in serial://usb/0c2e:0720/17018B0B25.",
            url=url,
        )
    return name


def _rule_of_port(name: PortName) -> str:
    ids = f'ATTRS{{idVendor}}=="{name.vendor:04x}", \\\n'
    ids += f'  ATTRS{{idProduct}}=="{name.product:04x}"'
    if name.serial_number:
        ids += f', ATTRS{{serial}}=="{_pattern(name.serial_number)}"'
    elif name.location:
        ids += f', KERNELS=="{name.location}"'
    # A program for modems would send commands to it for seconds after each plugging in.
    return (
        f'SUBSYSTEM=="tty", {ids}, TAG+="uaccess", ENV{{ID_MM_PORT_IGNORE}}="1"\n'
        f'SUBSYSTEM=="usb", ENV{{DEVTYPE}}=="usb_device", {ids}, ENV{{ID_MM_DEVICE_IGNORE}}="1"\n'
    )


def _pattern(serial: str) -> str:
    """Return a serial number as udev compares it: what means something to udev matches any."""
    return re.sub(r'["*?\[\]\\|$%#\x00-\x1f\x7f]', "?", serial)
