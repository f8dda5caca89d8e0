"""A message goes out whole, once, and comes to an end whatever the receiver does."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.outward import posting
from gateway.outward.addresses import Receiver as Where
from gateway.outward.addresses import parse_receiver
from gateway.outward.posting import Answer, Line, NotDelivered
from tests.outward.receiver import PATIENCE, Receiver


@contextmanager
def answering(*pieces: bytes, then_silent: bool = False) -> Iterator[int]:
    """Answer one connection with bytes, whatever it sends; the value is the port."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)

        def serve() -> None:
            wire, _ = server.accept()
            with wire:
                wire.recv(65536)
                for piece in pieces:
                    wire.sendall(piece)
                if then_silent:
                    over.wait(PATIENCE)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            thread.join()


def why(port: int) -> str:
    line = Line(Where(False, "127.0.0.1", port, "/"), private=True)
    with pytest.raises(NotDelivered) as failure:
        line.post({}, b"{}")
    return str(failure.value)


def test_one_connection_serves_many_messages_and_a_closed_one_is_opened_again() -> None:
    with Receiver(
        lambda message: 204 if message.body != b"3" else (204, {"Connection": "close"})
    ) as erp:
        line = Line(parse_receiver(erp.url), private=True)
        for number in range(6):
            assert line.post({"x-number": str(number)}, b"%d" % number) == Answer(204)
        line.close()
    assert [message.body for message in erp.got] == [b"%d" % number for number in range(6)]
    assert {message.path for message in erp.got} == {"/hooks"}


def test_what_goes_wrong_is_said_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    assert why(free) == "The receiver refused the connection: nothing listens there."
    with answering() as port:
        assert why(port) == "The receiver ended the connection without an answer."
    with answering(b"SSH-2.0-OpenSSH_9.2\r\n") as port:
        assert why(port) == "What the receiver answered is not HTTP."
    line = Line(parse_receiver("http://nobody.invalid/"), private=True)
    with pytest.raises(NotDelivered, match=r"The name 'nobody\.invalid' was not found"):
        line.post({}, b"{}")


def test_a_receiver_that_drips_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "ANSWERS_WITHIN", 0.2)
    with answering(b"HTTP/1.1 200 OK\r\nX-Drip: ", then_silent=True) as port:
        assert why(port) == "The receiver did not answer in time."


def test_no_more_of_an_answer_is_read_than_is_worth_it() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n"
    with answering(head, b"x" * 200_000, then_silent=True) as port:
        line = Line(Where(False, "127.0.0.1", port, "/"), private=True)
        assert line.post({}, b"{}").status == 200
        line.close()


@pytest.mark.parametrize(("given", "seconds"), [("120", 120), ("-1", None), ("Sun, 06 Nov", None)])
def test_a_receiver_may_say_when_to_come_again(given: str, seconds: int | None) -> None:
    with Receiver(lambda _: (503, {"Retry-After": given})) as erp:
        line = Line(parse_receiver(erp.url), private=True)
        assert line.post({}, b"{}") == Answer(503, seconds)
        line.close()


@pytest.mark.threat("T16")
def test_an_encrypted_receiver_must_be_who_its_name_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out",
         str(certificate)],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("there is no openssl to make a certificate with")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with Receiver() as erp:
        erp._server.socket = context.wrap_socket(erp._server.socket, server_side=True)

        def post(name: str) -> Answer:
            line = Line(Where(True, name, erp.port, "/"), private=True)
            try:
                return line.post({}, b"{}")
            finally:
                line.close()

        with pytest.raises(NotDelivered, match="certificate is not trusted: self-signed"):
            post("localhost")
        trusting = ssl.create_default_context(cafile=str(certificate))
        monkeypatch.setattr(posting, "_trust", lambda: trusting)
        assert post("localhost").status == 204
        with pytest.raises(NotDelivered, match="certificate is not trusted"):
            post("127.0.0.1")
