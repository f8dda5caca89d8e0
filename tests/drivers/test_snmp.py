"""SNMP against a responder that knows BER by itself, and against whatever else may answer."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from gateway.drivers.ieee1284 import DeviceId
from gateway.drivers.snmp import ask_identity, get_request, read_reply
from gateway.errors import DeviceUnreachable, PrinterRefused

DEVICE_ID = "1.3.6.1.4.1.2699.1.2.1.2.1.1.3.1"
ZEBRA = "1.3.6.1.4.1.10642.1.1.0"
DESCRIPTION = "1.3.6.1.2.1.25.3.2.1.3.1"
SERIAL = "1.3.6.1.2.1.43.5.1.1.17.1"


def name_in(question: bytes) -> str:
    """Return the dotted name that a GET asks for: it stands before the closing NULL (05 00)."""
    assert question.endswith(b"\x05\x00")
    start = next(
        at
        for at in range(len(question))
        if question[at] == 6 and at + 2 + question[at + 1] == len(question) - 2
    )
    parts, value = [], 0
    for byte in question[start + 3 : -2]:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            parts.append(value)
            value = 0
    return ".".join(map(str, [*divmod(question[start + 2], 40), *parts]))


def reply_to(question: bytes, value: bytes | None) -> bytes:
    """Return the answer: the question's own bytes, with the value where its NULL was."""
    at = question.index(b"public") + 6
    number = question[at + 2 : at + 4 + question[at + 3]]
    name = question[question.rindex(b"\x06") : -2] if value is None else None
    oid = question[-2 - len(name or b"") : -2] if name else _oid(question)
    text = b"\x05\x00" if value is None else b"\x04\x82" + len(value).to_bytes(2) + value
    variable = _sequence(0x30, _sequence(0x30, oid + text))
    error = b"\x02\x01\x02" if value is None else b"\x02\x01\x00"
    body = _sequence(0xA2, number + error + b"\x02\x01\x00" + variable)
    return _sequence(0x30, b"\x02\x01\x00\x04\x06public" + body)


def _oid(question: bytes) -> bytes:
    start = next(
        at
        for at in range(len(question))
        if question[at] == 6 and at + 2 + question[at + 1] == len(question) - 2
    )
    return question[start:-2]


def _sequence(tag: int, content: bytes) -> bytes:
    return bytes((tag, 0x82)) + len(content).to_bytes(2) + content


@contextmanager
def responder(answer: Callable[[bytes], list[bytes]]) -> Iterator[int]:
    """A device on a free UDP port of this computer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        port = line.getsockname()[1]

        def serve() -> None:
            while question := line.recvfrom(65535):
                if question[0] == b"end":
                    return
                for reply in answer(question[0]):
                    line.sendto(reply, question[1])

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield port
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"end", ("127.0.0.1", port))
            thread.join()


def knowing(told: dict[str, bytes]) -> Callable[[bytes], list[bytes]]:
    return lambda question: [reply_to(question, told.get(name_in(question)))]


def test_a_printer_says_its_device_id_and_serial_number() -> None:
    told = {
        DEVICE_ID: b"MFG:Zebra Technologies ;CMD:ZPL;MDL:ZTC ZT411-203dpi ZPL;",
        SERIAL: b"99N254700554",
        DESCRIPTION: b"Zebra Wired PrintServer",
    }
    with responder(knowing(told)) as port:
        found = ask_identity("127.0.0.1", 10.0, port)
    assert (found.manufacturer, found.model, found.command_set, found.serial) == (
        "Zebra Technologies",
        "ZTC ZT411-203dpi ZPL",
        ("ZPL",),
        "99N254700554",
    )


def test_zebras_own_model_name_counts_more_than_the_print_servers() -> None:
    told = {ZEBRA: b"ZTC ZD421-300dpi ZPL", DESCRIPTION: b"Zebra Wired PrintServer"}
    with responder(knowing(told)) as port:
        found = ask_identity("127.0.0.1", 10.0, port)
    assert (found.manufacturer, found.model) == ("Zebra Technologies", "ZTC ZD421-300dpi ZPL")


@pytest.mark.threat("T6")
def test_a_hostile_answer_is_cleaned() -> None:
    told = {DEVICE_ID: b"MFG:E\x1b[31mvil;MDL:x\ny\xe2\x80\xae;", SERIAL: b"\xff\xfe\x00"}
    with responder(knowing(told)) as port:
        found = ask_identity("127.0.0.1", 10.0, port)
    assert (found.manufacturer, found.model, found.serial) == ("E [31mvil", "x y", "\ufffd\ufffd")


def test_a_device_that_answers_nothing_useful_says_nothing() -> None:
    noise = random.Random(7)

    def answer(question: bytes) -> list[bytes]:
        whole = reply_to(question, b"MDL:wrong;")
        return [
            b"",
            noise.randbytes(40),
            whole[: noise.randrange(len(whole))],
            # Somebody who guesses: the right form and another question's number.
            whole.replace(question[question.index(b"public") + 10 :][:4], b"\x00\x00\x00\x01", 1),
        ]

    with responder(answer) as port:
        assert ask_identity("127.0.0.1", 1.0, port) == DeviceId()


def test_a_device_without_snmp_says_nothing() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        port = line.getsockname()[1]
    assert ask_identity("127.0.0.1", 0.5, port) == DeviceId()


@pytest.mark.threat("T16")
@pytest.mark.parametrize("host", ["169.254.169.254", "224.0.0.1", "::ffff:169.254.169.254"])
def test_nobody_is_asked_where_no_printer_can_be(host: str) -> None:
    with pytest.raises(PrinterRefused):
        ask_identity(host, 0.1)


def test_a_name_that_nobody_knows_is_a_sentence() -> None:
    with pytest.raises(DeviceUnreachable) as caught:
        ask_identity("a" * 64 + ".invalid", 0.1)
    assert caught.value.facts == {"host": "a" * 64 + ".invalid"}


def test_every_cut_of_an_answer_is_no_answer() -> None:
    whole = reply_to(get_request(300, (1, 3, 6, 1, 4, 1, 2699, 1)), b"MDL:x;")
    assert read_reply(whole) == (300, b"MDL:x;")
    assert [read_reply(whole[:end]) for end in range(len(whole))] == [(-1, b"")] * len(whole)


def test_a_question_is_what_the_standard_writes() -> None:
    # The bytes were written down by hand from RFC 1157 and X.690.
    assert get_request(1, (1, 3, 6, 1, 2, 1, 25, 3, 2, 1, 3, 1)).hex() == (
        "302902010004067075626c6963a01c0201010201000201003011300f060b2b060102011903020103010500"
    )
