"""A printer at a host or address that a person names: the only one anybody connects to.

Its print ports are opened and closed again, and SNMP asks who it is. No byte of it can be printed.

>>> candidates("Zebra-1.local")
('tcp://zebra-1.local:9100', 'tcp://zebra-1.local:6101')
>>> candidates("10.0.0.7:9101")
('tcp://10.0.0.7:9101',)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from gateway.drivers.finding.found import Found, describe_id
from gateway.drivers.snmp import ask_identity
from gateway.drivers.transports import check_url, open_wire
from gateway.errors import DeviceError, DeviceUnreachable, PrinterRefused

PORTS = (9100, 6101)
"""Raw printing: everybody's port, and Zebra's own. LPD (515) speaks a protocol and is not asked."""

_WITH_PORT = re.compile(r"[^:]+:[0-9]+|\[[^\]]*\]:[0-9]+")


def candidates(address: str) -> tuple[str, ...]:
    """Return the URLs at which a host or address may print; all ports but a named one.

    Raises:
        PrinterRefused: it is no host or address, or no printer can be there.
    """
    place = address.strip()
    if "://" in place:
        url = check_url(place)
        if urlsplit(url).scheme != "tcp":
            raise PrinterRefused(
                f"{place[:100]!r} is no host on the network; name one such as 10.0.0.7.",
                address=address,
            )
        return (url,)
    if _WITH_PORT.fullmatch(place):
        return (check_url(f"tcp://{place}"),)
    host = f"[{place}]" if ":" in place and not place.startswith("[") else place
    return tuple(check_url(f"tcp://{host}:{port}") for port in PORTS)


def find_at(urls: Sequence[str], held: frozenset[str], timeout: float) -> list[Found]:
    """Return the URLs of ``urls`` where something takes connections, and what SNMP says it is.

    A URL in ``held`` is a printer that is set up: it is not disturbed.

    Raises:
        DeviceUnreachable: nothing answers at any of them.
    """
    host = urlsplit(urls[0]).hostname or ""
    told = ask_identity(host, min(1.0, timeout / 2))
    found: list[Found] = []
    failure: DeviceError | None = None
    for url in urls:
        if url not in held:
            try:
                open_wire(url).close()
            except DeviceError as error:
                failure = failure or error
                continue
        found.append(describe_id(url, "address", told, name=f"a device at {host}"))
    if not found and failure is not None:
        raise DeviceUnreachable(failure.detail, **failure.facts) from failure
    # Several ports of one device are one device.
    return [replace(found[0], others=tuple(other.url for other in found[1:]))]
