"""The udev rule: where it goes, and what is said when it cannot."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from gateway.drivers import udev
from gateway.errors import GatewayError, NotPermitted

posix = pytest.mark.skipif(os.name != "posix", reason="udev is Linux's")


@pytest.fixture
def udevadm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of that name that writes down how it was called."""
    program = tmp_path / "bin" / "udevadm"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/calls\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    return program


@posix
def test_the_rule_is_written_and_acts_on_what_is_plugged_in(udevadm: Path, tmp_path: Path) -> None:
    file = tmp_path / "rules.d" / "70-label-gateway.rules"
    assert not udev.is_installed(file)
    udev.install(file)
    assert udev.is_installed(file)
    assert file.read_text() == udev.RULE
    assert (tmp_path / "calls").read_text().splitlines() == [
        "control --reload",
        "trigger --action=change --subsystem-match=usb",
        "trigger --action=change --subsystem-match=usbmisc",
        "settle --timeout=10",
    ]
    file.write_text(udev.RULE.replace("0660", "0666"))
    assert not udev.is_installed(file)


@posix
def test_a_udev_that_fails_is_told_and_the_rule_stays(udevadm: Path, tmp_path: Path) -> None:
    udevadm.write_text("#!/bin/sh\necho 'no daemon' >&2\nexit 1\n")
    file = tmp_path / "70-label-gateway.rules"
    with pytest.raises(GatewayError) as failed:
        udev.install(file)
    assert failed.value.detail == (
        "udevadm control --reload failed (no daemon); the rule is written, and acts when the "
        "computer starts again."
    )
    assert udev.is_installed(file)


@posix
def test_a_computer_without_udev_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GatewayError, match="There is no udevadm on this computer"):
        udev.install(tmp_path / "70-label-gateway.rules")


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere"
)
def test_who_may_not_write_the_rule_is_told_how(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(NotPermitted, match="sudo label-gateway doctor --fix"):
        udev.install(tmp_path / "70-label-gateway.rules")


def test_the_rule_has_no_line_a_device_could_write_into() -> None:
    # A serial number may hold a slash: %s{serial} in a name would make folders of it.
    assert "%s{" not in udev.RULE
    assert "SYMLINK" not in udev.RULE
    assert all(len(line) <= 100 for line in udev.RULE.splitlines())
