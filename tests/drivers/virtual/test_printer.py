"""The whole printer, on real sockets: what is sent comes out, and each fault does what it says."""

from __future__ import annotations

import socket

import pytest

from gateway.drivers.virtual.printer import VirtualPrinter


def test_a_label_sent_over_tcp_comes_out_and_decodes_to_the_serial_sent() -> None:
    with (
        VirtualPrinter(speed_mm_s=0) as printer,
        socket.create_connection(("127.0.0.1", printer.port)) as host,
    ):
        host.sendall(b"^XA^FO40,40^BY2^BCN,80,N,N,N,A^FDSN-000123^FS^XZ")
        assert printer.wait_printed(1, timeout=10)
        assert [(c.format, c.text) for c in printer.codes(1)] == [("Code 128", "SN-000123")]
        assert printer.odometer == 1


def test_an_unknown_language_is_refused_by_name() -> None:
    with pytest.raises(Exception, match="Virtual printers speak zpl, not 'klingon'"):
        VirtualPrinter(language="klingon")
