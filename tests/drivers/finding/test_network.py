"""Real announcements, put on the network by zeroconf's own responder and found by ours."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from zeroconf import ServiceInfo, Zeroconf

from gateway.drivers.finding.network import LPD, RAW, browse, describe_services, read_service

LOOPBACK = ["127.0.0.1"]


def announcement(name: str, kind: str, port: int, texts: dict[str, str | bytes]) -> ServiceInfo:
    """Return a service of a host that is not this computer (192.0.2.0/24 is for examples)."""
    return ServiceInfo(
        kind,
        f"{name}.{kind}",
        addresses=[socket.inet_aton("192.0.2.7")],
        port=port,
        properties=texts,
        server="zebra-1.local.",
    )


@pytest.fixture
def network() -> Iterator[Zeroconf]:
    """A responder on loopback; skips where this computer has no multicast there."""
    try:
        responder = Zeroconf(LOOPBACK)
    except OSError as error:
        pytest.skip(f"mDNS cannot be spoken here: {error}")
    yield responder
    responder.close()


def test_an_announced_printer_is_found_with_all_it_says(network: Zeroconf) -> None:
    raw = announcement(
        "Packing\u202e desk",
        RAW,
        9100,
        {"ty": "Zebra ZD421", "usb_MFG": "Zebra", "usb_MDL": "ZTC ZD421-203dpi ZPL", "usb_CMD": ""},
    )
    lpd = announcement("Packing\u202e desk", LPD, 515, {"note": "by the door"})
    # Nobody contradicts a name on loopback: it need not be probed for.
    network.register_service(raw, cooperating_responders=True)
    network.register_service(lpd, cooperating_responders=True)
    services = browse(3.0, LOOPBACK)
    if not services:
        pytest.skip("multicast does not come back on this computer's loopback")
    assert {service.kind for service in services} == {RAW, LPD}
    (found,) = describe_services(services)
    assert (found.url, found.what, found.row, found.others) == (
        "tcp://192.0.2.7:9100",
        "Zebra ZTC ZD421-203dpi ZPL",
        "zd421-203",
        ("tcp://zebra-1.local:9100",),
    )


def test_records_that_are_not_text_are_read_all_the_same() -> None:
    service = read_service(
        announcement("x", RAW, 9100, {"TY": b"\xff\xfe\x00bad", "usb_MFG": "Zebra"})
    )
    assert service.texts == {"ty": "\ufffd\ufffd\0bad", "usb_mfg": "Zebra"}
    assert (service.addresses, service.host, service.label) == (
        ("192.0.2.7",),
        "zebra-1.local",
        "x",
    )


@pytest.mark.threat("T6")
def test_nothing_listens_on_the_network_until_somebody_looks() -> None:
    """Neither mDNS nor the libraries of USB and serial ports are there in a daemon that prints."""
    program = (
        "import sys, gateway.app, gateway.api.application, gateway.drivers.finding\n"
        "print(sorted({'zeroconf', 'usb', 'serial'} & sys.modules.keys()))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "[]\n"
