"""The libraries the project is built on do the work by default, and are not only installed."""

from __future__ import annotations

import contextlib
import json
from base64 import b64encode
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from urllib.request import Request, urlopen

import pytest

from gateway.drivers.transports import open_wire
from gateway.errors import DeviceUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Daemon


@contextlib.contextmanager
def called(owner: object, name: str) -> Iterator[list[object]]:
    """Record the calls of a library's function, which does its work all the same."""
    calls: list[object] = []
    real = getattr(owner, name)

    def record(*arguments: Any, **more: Any) -> Any:
        calls.append(arguments)
        return real(*arguments, **more)

    with patch.object(owner, name, record):
        yield calls


def dry_run(daemon: Daemon, body: dict[str, Any]) -> list[str]:
    """Return the pictures of a job as the daemon would print it."""
    request = Request(
        f"{daemon.url}/v1/jobs?dry_run=1",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urlopen(request, timeout=60) as answer:
        return [picture["png"] for picture in json.load(answer)["pictures"]]


def template(daemon: Daemon, name: str, symbology: str) -> None:
    document = {
        "name": name,
        "size": {"width": 60_000, "height": 30_000},
        "fields": [{"name": "code", "required": True, "example": "4012345678901"}],
        "elements": [
            {
                "type": "barcode", "id": "code", "symbology": symbology, "content": "{code}",
                "x": 5_000, "y": 5_000, "width": 50_000, "height": 20_000,
            }
        ],
    }  # fmt: skip
    request = Request(
        f"{daemon.url}/v1/templates/{name}",
        json.dumps(document).encode(),
        {"Content-Type": "application/json"},
        method="PUT",
    )
    urlopen(request, timeout=60).close()


def test_python_barcode_draws_the_bars(daemon: Daemon) -> None:
    from barcode.ean import EAN13

    template(daemon, "ean", "ean13")
    with called(EAN13, "build") as calls:
        body = {"printer": "zebra", "template": "ean", "labels": [{"code": "4012345678901"}]}
        assert dry_run(daemon, body)
    assert calls


def test_python_barcode_draws_code_128_from_its_own_table(daemon: Daemon) -> None:
    from barcode.charsets import code128

    template(daemon, "bars", "code128")
    body = {"printer": "zebra", "template": "bars", "labels": [{"code": "PYBAR-1"}]}
    (before,) = dry_run(daemon, body)
    # Every character as a space would be drawn: if the table is used, the label is another one.
    wrong = [code128.CODES[0]] * len(code128.CODES)
    body["labels"] = [{"code": "PYBAR-2"}]
    (right,) = dry_run(daemon, body)
    body["labels"] = [{"code": "PYBAR-3"}]
    with patch.object(code128, "CODES", wrong):
        (other,) = dry_run(daemon, body)
    assert len({before, right, other}) == 3
    import zxingcpp
    from PIL import Image

    def read(png: bytes) -> list[str]:
        with Image.open(BytesIO(png)) as picture:
            return [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))]

    from base64 import b64decode

    assert read(b64decode(right)) == ["PYBAR-2"]
    assert read(b64decode(other)) == []


def test_qrcode_draws_qr_codes(daemon: Daemon) -> None:
    from qrcode.main import QRCode

    from gateway.codes import qr

    template(daemon, "qr", "qr")
    qr._drawings.cache_clear()
    with called(QRCode, "make") as calls:
        body = {"printer": "zebra", "template": "qr", "labels": [{"code": "qrcode draws this"}]}
        assert dry_run(daemon, body)
    assert calls


def test_pillow_reads_pictures(daemon: Daemon) -> None:
    from PIL import Image

    out = BytesIO()
    Image.new("1", (400, 200), 1).save(out, "PNG")
    document = {"content": b64encode(out.getvalue()).decode(), "type": "image/png"}
    with called(Image, "open") as calls:
        assert dry_run(daemon, {"printer": "zebra", "document": document})
    assert calls


def test_pyusb_reaches_usb_printers() -> None:
    import usb.backend.libusb1

    from gateway.drivers.transports import usb as transport

    transport._backend.cache_clear()
    try:
        with (
            called(usb.backend.libusb1, "get_backend") as calls,
            pytest.raises(DeviceUnreachable),
        ):
            open_wire("usb://0a5f:ffff/NOT-THERE")
        assert calls
    finally:
        transport._backend.cache_clear()


def test_pyserial_reaches_serial_printers(tmp_path: Path) -> None:
    os = pytest.importorskip("os")
    if not hasattr(os, "openpty"):
        pytest.skip("there are no pseudo terminals here")
    import serial

    ours, theirs = os.openpty()
    try:
        with called(serial.Serial, "open") as calls:
            wire = open_wire(f"serial://{os.ttyname(theirs)}?baud=9600&flow=none")
            try:
                assert wire.write(b"~HS", 1.0) == 3
            finally:
                wire.close()
        assert calls
        assert os.read(ours, 100) == b"~HS"
    finally:
        os.close(ours)
        os.close(theirs)
