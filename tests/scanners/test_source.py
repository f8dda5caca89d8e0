"""Scanners' URLs: which there are, how they are kept, and what is refused."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import EntryPoint

import pytest

from gateway.errors import ScannerRefused
from gateway.scanners import source
from gateway.scanners.scanner import Profile
from gateway.scanners.source import SOURCES, check_url, is_plugged, open_source, scheme_names

LINE = "?baud=9600&bits=8&parity=none&stop=1&flow=none"


@pytest.mark.parametrize("scheme", SOURCES)
def test_each_way_can_check_a_url_and_open_it(scheme: str) -> None:
    way = import_module(SOURCES[scheme])
    assert callable(way.check_url)
    assert callable(way.open)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("serial:///dev/ttyACM0", f"serial:///dev/ttyACM0{LINE}"),
        (
            "SERIAL://com7?baud=115200&flow=rtscts",
            "serial://COM7?baud=115200&bits=8&parity=none&stop=1&flow=rtscts",
        ),
        ("serial://usb/0C2E:0720/17018B", f"serial://usb/0c2e:0720/17018B{LINE}"),
        ("tcp://Reader-1.local:9004/", "tcp://reader-1.local:9004"),
        ("tcp://[fd00::9]:2001", "tcp://[fd00::9]:2001"),
        ("tcp://10.0.0.9:23", "tcp://10.0.0.9:23"),
        ("tcp-listen://:9009?from=10.0.0.9, 10.1.0.0/24", None),
        ("tcp-listen://[::1]:9009", "tcp-listen://[::1]:9009"),
        (
            "tcp-listen://10.0.0.1:9009/?from=10.0.0.9,fd00::/64",
            "tcp-listen://10.0.0.1:9009?from=10.0.0.9,fd00::/64",
        ),
        ("rfcomm://00:19:01:3c:aa:0b", "rfcomm://00:19:01:3C:AA:0B/1"),
        ("virtual:Desk", "virtual:desk"),
        ("virtual://desk", "virtual:desk"),
    ],
)
def test_a_url_is_kept_in_one_form(url: str, kept: str | None) -> None:
    kept = kept or "tcp-listen://:9009?from=10.0.0.9,10.1.0.0/24"
    assert check_url(url) == kept
    assert check_url(kept) == kept


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (
            "/dev/ttyACM0",
            "'/dev/ttyACM0' is not a scanner's URL; write it as serial:///dev/ttyACM0, or as "
            "'label-gateway scanner find' shows it.",
        ),
        (
            "10.0.0.9:2001",
            "'10.0.0.9:2001' is not a scanner's URL; write it as tcp://10.0.0.9:2001, or as "
            "'label-gateway scanner find' shows it.",
        ),
        (
            "usb://0c2e:0720",
            "A scanner's URL cannot begin with 'usb'; it begins with one of serial:, rfcomm:, "
            "tcp:, tcp-listen:, wedge:, hid:, virtual:.",
        ),
        (
            "serial://",
            "'serial://' does not name a serial port; write it as "
            "serial:///dev/ttyACM0?baud=9600&flow=none, with COM3 for /dev/ttyACM0 on Windows.",
        ),
        (
            "tcp://10.0.0.9",
            "'tcp://10.0.0.9' is not a scanner's URL; write only host and port, as in "
            "tcp://10.0.0.9:2001.",
        ),
        (
            "tcp://10.0.0.9:25",
            "Port 25 is not one where scanners listen; use the one it was set to, 23 or 1024 and "
            "above.",
        ),
        (
            "tcp-listen://:9009",
            "Anybody on the network could scan by calling tcp-listen://:9009; name the scanners "
            "that may, as in tcp-listen://:9009?from=10.0.0.9.",
        ),
        (
            "tcp-listen://127.0.0.1:80",
            "Scanners cannot call port 80; choose a free one from 1024 to 65535.",
        ),
        (
            "tcp-listen://localhost:9009",
            "'tcp-listen://localhost:9009' is not where scanners can call; write it as "
            "tcp-listen://:9009?from=10.0.0.9.",
        ),
        (
            "tcp-listen://:9009?from=10.0.0.9/8",
            "'tcp-listen://:9009?from=10.0.0.9/8' is not where scanners can call (10.0.0.9/8 has "
            "host bits set); write it as tcp-listen://:9009?from=10.0.0.9.",
        ),
        (
            "virtual:",
            "'virtual:' is not a virtual scanner; write it as virtual:desk, with 1 to 40 letters, "
            "digits, '-', '_' or '.'.",
        ),
    ],
)
def test_what_is_no_url_of_a_scanner_is_refused_with_the_cure(url: str, sentence: str) -> None:
    with pytest.raises(ScannerRefused) as caught:
        check_url(url)
    assert caught.value.detail == sentence


@pytest.mark.threat("T16")
@pytest.mark.parametrize(
    "url",
    [
        "tcp://169.254.169.254:8080", "tcp://224.0.0.1:2001", "tcp://0.0.0.0:2001",
        "tcp://255.255.255.255:2001", "tcp://2130706433:2001", "tcp://0x7f.1:2001",
        "tcp://[::ffff:169.254.169.254]:2001", "tcp://user@10.0.0.9:2001", "tcp://10.0.0.9:2001/x",
        "tcp://10.0.0.9:2001?x=1", "tcp://10.0.0.9:99999", "tcp://:2001",
    ],
)  # fmt: skip
def test_no_scanner_is_where_something_else_would_be_reached(url: str) -> None:
    with pytest.raises(ScannerRefused):
        check_url(url)


def test_a_name_that_stands_for_a_forbidden_address_is_refused_when_it_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import socket

    def resolve(*_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 8080))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(
        ScannerRefused, match=r"^169\.254\.169\.254 is a link-local address, and no"
    ):
        open_source("tcp://reader.example:8080", Profile())


def test_what_has_a_cable_is_looked_for_when_one_moves() -> None:
    assert [name for name in SOURCES if is_plugged(f"{name}:x")] == [
        "serial", "rfcomm", "wedge", "hid",
    ]  # fmt: skip


def test_another_package_can_bring_a_way(monkeypatch: pytest.MonkeyPatch) -> None:
    class Morse:
        @staticmethod
        def check_url(url: str) -> str:
            return url.lower()

    def found(*, group: str, name: str = "morse") -> list[EntryPoint]:
        assert group == "gateway.scanners"
        entry = EntryPoint("morse", "tests:morse", group)
        monkeypatch.setattr(EntryPoint, "load", lambda _: Morse)
        return [entry] if name == "morse" else []

    monkeypatch.setattr(source, "entry_points", found)
    source._way.cache_clear()
    assert check_url("MORSE:Key") == "morse:key"
    assert scheme_names() == (*SOURCES, "morse")
    source._way.cache_clear()
