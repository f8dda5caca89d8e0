"""Who holds a device file: the program, and whose it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.devices.holders import Holder, holder_of, who_holds

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux shows open files of processes"
)


@contextmanager
def program(path: Path, device: Path) -> Iterator[int]:
    """Run a program of that name that has the device open, and waits."""
    path.parent.mkdir(exist_ok=True)
    shutil.copy(shutil.which("sleep") or "", path)
    with device.open("rb") as opened, subprocess.Popen([path, "60"], stdin=opened) as process:
        opened.close()
        yield process.pid
        process.kill()


def test_a_device_nobody_has_is_free(tmp_path: Path) -> None:
    assert holder_of(tmp_path / "lp0") is None
    assert who_holds(str(tmp_path / "lp0")) == ""


def test_a_program_is_named_with_its_process_also_through_a_link(tmp_path: Path) -> None:
    device, link = tmp_path / "lp0", tmp_path / "by-id"
    device.touch()
    link.symlink_to(device)
    with program(tmp_path / "bin" / "labels", device) as pid:
        assert holder_of(device) == Holder(pid, "labels")
        assert who_holds(str(link)) == f"labels (process {pid})"


def test_the_backend_of_cups_is_known_by_its_folder(tmp_path: Path) -> None:
    device = tmp_path / "lp0"
    device.touch()
    with program(tmp_path / "cups" / "usb", device) as pid:
        assert holder_of(device) == Holder(pid, "CUPS (usb)")


def test_this_gateway_is_named_only_when_nobody_else_has_it(tmp_path: Path) -> None:
    device = tmp_path / "lp0"
    with device.open("wb"):
        found = holder_of(device)
        assert found is not None
        assert (found.pid, str(found)) == (os.getpid(), "this gateway, for another device")
        with program(tmp_path / "bin" / "labels", device) as pid:
            assert holder_of(device) == Holder(pid, "labels")
