r"""Who is a printer on the network? SNMP asks beside its print data, so nothing can come out.

    host ──three GETs by UDP, port 161──► ask_identity ──► DeviceId

SNMPv1 (RFC 1157) with the community "public", as CUPS asks network printers: the port monitor
MIB's IEEE 1284 device id (PWG 5107.1, ppmPrinterIEEE1284DeviceId), the device's description
(RFC 2790, hrDeviceDescr), its serial number (RFC 3805, prtGeneralSerialNumber) and Zebra's own
model name. A printer that has none of them, or no SNMP, is silent: that is no error.

>>> read_reply(get_request(7, DEVICE_ID).replace(b"\xa0", b"\xa2", 1))
(7, b'')
"""

from __future__ import annotations

import secrets
import socket
import time
from contextlib import closing, suppress
from dataclasses import replace

from gateway.devices.network import check_host
from gateway.drivers.ieee1284 import DeviceId, clean_words, parse_device_id
from gateway.errors import DeviceUnreachable

PORT = 161
COMMUNITY = b"public"

Oid = tuple[int, ...]

DEVICE_ID: Oid = (1, 3, 6, 1, 4, 1, 2699, 1, 2, 1, 2, 1, 1, 3, 1)
DESCRIPTION: Oid = (1, 3, 6, 1, 2, 1, 25, 3, 2, 1, 3, 1)
SERIAL_NUMBER: Oid = (1, 3, 6, 1, 2, 1, 43, 5, 1, 1, 17, 1)
ZEBRA_MODEL: Oid = (1, 3, 6, 1, 4, 1, 10642, 1, 1, 0)

_ASKED = (DEVICE_ID, ZEBRA_MODEL, DESCRIPTION, SERIAL_NUMBER)

AGAIN_AFTER = 0.4
"""Seconds until a question is put once more: UDP loses packets."""

_INTEGER, _OCTETS, _NULL, _NAME, _SEQUENCE, _GET, _RESPONSE = 2, 4, 5, 6, 0x30, 0xA0, 0xA2
"""Tags of BER (X.690) and of RFC 1157, 4.1."""


def ask_identity(host: str, timeout: float = 1.0, port: int = PORT) -> DeviceId:
    """Return what the device at a host or address says it is; empty when it does not answer.

    Raises:
        PrinterRefused: no printer can be at that address.
        DeviceUnreachable: nobody knows the host's name.
    """
    told: dict[Oid, str] = {}
    until = time.monotonic() + timeout
    for family, address in _places(host, port):
        with closing(socket.socket(family, socket.SOCK_DGRAM)) as line, suppress(OSError):
            line.connect(address)  # from now on only that address is heard
            told = _ask(line, until)
        if told:
            break
    found = parse_device_id(told.get(DEVICE_ID, ""))
    if not found.model and (model := told.get(ZEBRA_MODEL)):
        found = replace(found, manufacturer="Zebra Technologies", model=model)
    if not found.model:
        found = replace(found, model=told.get(DESCRIPTION, ""))
    return found if found.serial else replace(found, serial=told.get(SERIAL_NUMBER, ""))


def _places(host: str, port: int) -> list[tuple[int, tuple[object, ...]]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        raise DeviceUnreachable(
            f"No computer here knows the printer's name {host!r}; check the name, or use the "
            "printer's address.",
            host=host,
        ) from error
    for _, _, _, _, address in found:
        if check_host(str(address[0]).partition("%")[0], host) and port == PORT:
            return []  # on that port this computer speaks of itself, not of a printer
    return [(int(family), tuple(address)) for family, _, _, _, address in found]


def _ask(line: socket.socket, until: float) -> dict[Oid, str]:
    """Return what was answered, each question put again once; ends when all are answered."""
    first = secrets.randbelow(1 << 30)
    # One variable each: SNMPv1 refuses a whole question for one name it does not know.
    asked = {first + number: name for number, name in enumerate(_ASKED)}
    told: dict[Oid, str] = {}
    for _ in range(2):
        for number, name in asked.items():
            line.send(get_request(number, name))
        round_ends = min(until, time.monotonic() + AGAIN_AFTER)
        while asked and (left := round_ends - time.monotonic()) > 0:
            line.settimeout(left)
            try:
                number, value = read_reply(line.recv(65535))
            except TimeoutError:
                break
            if (known := asked.pop(number, None)) is not None and value:
                told[known] = clean_words(value.decode("utf-8", "replace"), 1024)
        if told or time.monotonic() >= until:
            break
    return told


# ---------------------------------------------------------------- BER, as much of it as is needed


def _coded(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(size))) + size + content


def _number(value: int) -> bytes:
    return _coded(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1))


def _name(oid: Oid) -> bytes:
    content = bytearray((oid[0] * 40 + oid[1],))
    for part in oid[2:]:
        sevens = [part & 0x7F]
        while part := part >> 7:
            sevens.append(part & 0x7F | 0x80)
        content += bytes(reversed(sevens))
    return _coded(_NAME, bytes(content))


def get_request(number: int, oid: Oid) -> bytes:
    """Return the message that asks for one variable (RFC 1157, 4.1.2)."""
    variable = _coded(_SEQUENCE, _name(oid) + _coded(_NULL, b""))
    question = _number(number) + _number(0) + _number(0) + _coded(_SEQUENCE, variable)
    return _coded(
        _SEQUENCE, _number(0) + _coded(_OCTETS, COMMUNITY) + _coded(_GET, question)
    )  # fmt: skip


def read_reply(message: bytes) -> tuple[int, bytes]:
    """Return the number of the question and the text it brought, empty when it brought none.

    Whatever is not such an answer is number -1: nothing a device sends is an error.
    """
    try:
        _, _, answer = _parts(_one(message, _SEQUENCE))
        if answer[0] != _RESPONSE:
            return -1, b""
        number, error, _, variables = _parts(answer[1])
        ((_, value),) = (_parts(content) for _, content in _parts(variables[1]))
    except (ValueError, IndexError):
        return -1, b""
    text = value[1] if value[0] == _OCTETS and not any(error[1]) else b""
    return int.from_bytes(number[1]), text


def _one(message: bytes, tag: int) -> bytes:
    ((found, content),) = _parts(message)
    if found != tag:
        raise ValueError(found)
    return content


def _parts(content: bytes) -> list[tuple[int, bytes]]:
    """Return the tags and contents that stand one after the other.

    Raises:
        ValueError, IndexError: they do not.
    """
    parts: list[tuple[int, bytes]] = []
    at = 0
    while at < len(content):
        tag, length, at = content[at], content[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(content[at : at + size]), at + size
        if at + length > len(content):
            raise ValueError(length)
        parts.append((tag, content[at : at + length]))
        at += length
    return parts
