"""Virtual printers on the command line: one command, and a label comes out."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from gateway.drivers.virtual.printer import LANGUAGES

if TYPE_CHECKING:
    from tests.cli.conftest import Run
    from tests.conftest import Daemon


@pytest.mark.parametrize("word", ["virtual", "virtual:"])
def test_one_command_brings_a_printer_that_prints(
    at_daemon: Run, shared_daemon: Daemon, word: str
) -> None:
    ran = at_daemon(
        "printers", "add", "demo", word, "--language", "escpos", "--density", "180dpi",
        "--width", "72", "--height", "40",
    )  # fmt: skip
    assert (ran.code, ran.err) == (0, "")
    shown = at_daemon("printers", "show", "demo", "--json").answer
    assert (shown["language"], shown["density"], shown["media"]) == (
        "escpos", "180dpi", {"width": 72_000, "height": 40_000, "stock": ""},
    )  # fmt: skip
    assert ran.out.splitlines() == [
        f"demo is a virtual printer at {shown['url']}: escpos, 180dpi, labels of 72 mm x 40 mm.",
        f"Its paper is shown at {shared_daemon.url}/printers/demo",
        "Try it with: label-gateway printers test demo",
    ]
    assert at_daemon("printers", "test", "demo").code == 0
    assert at_daemon("printers", "remove", "demo").code == 0


def test_what_is_not_said_is_as_the_model_has_it(at_daemon: Run) -> None:
    ran = at_daemon("printers", "add", "tsc", "virtual", "--model", "generic-tspl-300")
    assert ran.code == 0
    assert ": tspl, 300dpi, labels of 100 mm x 50 mm." in ran.out
    # Said again with less, it stays what it was.
    assert at_daemon("printers", "add", "tsc", "virtual").code == 0
    shown = at_daemon("printers", "show", "tsc", "--json").answer
    assert (shown["language"], shown["model"]) == ("tspl", "generic-tspl-300")
    assert at_daemon("printers", "remove", "tsc").code == 0


def test_one_side_of_a_label_is_not_enough(at_daemon: Run) -> None:
    ran = at_daemon("printers", "add", "half", "virtual", "--width", "72")
    assert (ran.code, ran.err) == (
        2,
        "The labels of half have two sides; say both --width and --height.\n",
    )


def test_a_language_that_is_none_is_refused_with_those_that_are(at_daemon: Run) -> None:
    ran = at_daemon("printers", "add", "odd", "virtual", "--language", "klingon")
    assert ran.code == 1
    assert f"Virtual printers speak {', '.join(LANGUAGES)}, not 'klingon'." in ran.err
    assert at_daemon("printers", "show", "odd").code != 0


def test_a_process_of_its_own_has_the_head_of_its_model() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "gateway", "virtual-printer", "--port", "0", "--control", "0",
         "--speed", "0", "--model", "generic-escpos-58", "--width", "72"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            with socket.create_connection(("127.0.0.1", ready["port"]), timeout=30) as line:
                # 40 letters of 12 dots: one line on 576 dots of paper, two under a head of 384.
                line.sendall(b"\x1b@" + b"A" * 40 + b"\n\x1dV\x00\x1dr\x01")
                assert line.recv(100) == b"\x00"
            from urllib.request import urlopen

            control = f"http://127.0.0.1:{ready['control']}"
            with urlopen(f"{control}/pieces", timeout=30) as answer:
                (piece,) = json.load(answer)["items"]
            # The second line stands 1/6 inch, 33 dots, below the first, and is 24 dots high.
            assert (piece["width"], piece["height"], piece["unknown"]) == (576, 57, [])
        finally:
            process.kill()


def test_a_model_of_another_language_is_refused_with_the_cure(command: Run) -> None:
    ran = command(
        "virtual-printer", "--port", "0", "--language", "tspl", "--model", "zt411-203"
    )  # fmt: skip
    assert (ran.code, ran.err) == (
        1,
        "'zt411-203' is no printer model that speaks tspl; leave the model out, or give a row of "
        "models.toml.\n",
    )


def test_a_virtual_printer_takes_the_place_of_a_device(at_daemon: Run) -> None:
    at_daemon("printers", "add", "line-6", "tcp://127.0.0.1:9104", "--width", 100, "--height", 50,
              "--language", "zpl", "--density", 8)  # fmt: skip
    replaced = at_daemon("printers", "replace", "line-6", "virtual", "--json")
    assert (replaced.code, replaced.err) == (0, "")
    assert (replaced.answer["virtual"], replaced.answer["language"]) == (True, "zpl")
    at_daemon("printers", "remove", "line-6")
