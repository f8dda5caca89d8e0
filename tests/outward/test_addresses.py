"""Where a webhook may go: what a name stands for is judged, however it is written."""

from __future__ import annotations

import re
import socket

import pytest

from gateway.errors import InputRefused
from gateway.outward.addresses import NotThere, Receiver, check_address, parse_receiver
from gateway.outward.posting import Line, NotDelivered
from tests.outward.receiver import Receiver as Program

NOWHERE = [
    "169.254.169.254", "169.254.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "100.100.100.200", "0.0.0.0",
    "0.1.2.3", "::", "224.0.0.1", "ff02::1", "240.0.0.1", "255.255.255.255",
]  # fmt: skip
OWN = [
    "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "10.0.0.7", "172.16.0.1", "192.168.1.1",
    "100.64.0.1", "fd12::1", "64:ff9b::7f00:1", "2002:0a00:0001::",
]  # fmt: skip
INTERNET = ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"]


@pytest.mark.threat("T16")
@pytest.mark.parametrize("address", NOWHERE)
def test_what_no_receiver_can_have_is_never_connected_to(address: str) -> None:
    for private in (True, False):
        with pytest.raises(NotThere, match="is not an address that a receiver can have"):
            check_address(address, private=private, encrypted=True)


@pytest.mark.threat("T16")
@pytest.mark.parametrize("address", OWN)
def test_the_own_network_is_for_webhooks_that_are_meant_for_it(address: str) -> None:
    check_address(address, private=True, encrypted=False)
    with pytest.raises(NotThere, match="is in this site's own network"):
        check_address(address, private=False, encrypted=True)


@pytest.mark.parametrize("address", INTERNET)
def test_nothing_goes_over_the_internet_for_everybody_to_read(address: str) -> None:
    check_address(address, private=False, encrypted=True)
    with pytest.raises(NotThere, match="everybody between could read along; use https"):
        check_address(address, private=True, encrypted=False)


@pytest.mark.threat("T16")
@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "[::ffff:127.0.0.1]"])
def test_an_address_written_otherwise_is_the_same_address(host: str) -> None:
    line = Line(parse_receiver(f"https://{host}:9/"), private=False)
    with pytest.raises(NotDelivered, match=r"127\.0\.0\.1 is in this site's own network"):
        line.post({}, b"{}")


@pytest.mark.threat("T16")
def test_the_name_is_asked_for_once_and_the_connection_goes_to_what_was_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name server that answers otherwise the second time gains nothing."""
    asked: list[str] = []
    real = socket.getaddrinfo
    with Program() as program:

        def answer(host: str, port: int, **_: object) -> object:
            asked.append(host)
            address = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
            return real(address, port, type=socket.SOCK_STREAM)

        monkeypatch.setattr(socket, "getaddrinfo", answer)
        line = Line(Receiver(False, "rebound.example", program.port, "/"), private=True)
        assert line.post({}, b"{}").status == 204
        assert asked == ["rebound.example"]
        assert program.take(1)[0].headers["host"] == f"rebound.example:{program.port}"
        line.close()
        with pytest.raises(NotDelivered, match=r"169\.254\.169\.254 is not an address"):
            line.post({}, b"{}")


@pytest.mark.threat("T16")
def test_redirects_are_not_followed() -> None:
    with Program() as other, Program(lambda _: (302, {"Location": other.url})) as program:
        line = Line(parse_receiver(program.url), private=True)
        assert line.post({}, b"{}").status == 302
        line.close()
        assert other.got == []


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://erp/", "A webhook's URL must begin with https:// or http:// and name a host"),
        ("http://", "A webhook's URL must begin with https:// or http:// and name a host"),
        ("erp.example/hooks", "A webhook's URL must begin with https:// or http://"),
        ("http://erp/a b", "A webhook's URL must be at most 2000 printable ASCII characters"),
        ("http://erp/\r\nHost: x", "A webhook's URL must be at most 2000 printable ASCII"),
        ("http://lager.straße/", "A webhook's URL must be at most 2000 printable ASCII"),
        ("http://erp/" + "x" * 2000, "A webhook's URL must be at most 2000 printable ASCII"),
        ("http://user:word@erp/", "A webhook's URL must not hold a user or a password"),
        ("http://erp/#top", "A webhook's URL cannot have a #fragment"),
        ("http://erp:99999/", "'http://erp:99999/' is not a URL: Port out of range 0-65535."),
    ],
)
def test_what_is_no_url_of_a_receiver_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(InputRefused, match=re.escape(sentence)):
        parse_receiver(url)
