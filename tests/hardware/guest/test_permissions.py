"""Who may print: udev, its rule, and users that are not root."""

from __future__ import annotations

import grp
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.cli.program import run_program
from gateway.cli.terminal import Terminal
from gateway.drivers import udev
from gateway.drivers.transports.usb_linux import plugged_printers
from gateway.errors import NotPermitted
from tests.hardware.guest.conftest import Plug

NOBODY = 65534

AS_SOMEBODY = """
import os, sys
from gateway.drivers.transports.usb import list_usb_printers, open_wire
from gateway.errors import GatewayError
list_usb_printers()  # loads what is loaded late, while root can read everything
groups = [int(group) for group in sys.argv[2:]]
os.setgroups(groups), os.setresgid(65534, 65534, 65534), os.setresuid(65534, 65534, 65534)
print([printer.problem for printer in list_usb_printers()])
try:
    wire = open_wire(sys.argv[1])
except GatewayError as error:
    print(error.detail)
else:
    print(wire.write(b"hello", 2.0))
    wire.close()
"""


def as_somebody(url: str, *groups: int) -> list[str]:
    """Return what a user in these groups sees: the problem in the list, and the try to print."""
    done = subprocess.run(
        [sys.executable, "-c", AS_SOMEBODY, url, *[str(group) for group in groups]],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()


def doctor(*arguments: str) -> list[tuple[bool, str]]:
    """Run the doctor without a daemon; return what it says of USB and udev, and if that is well."""
    out = io.StringIO()
    folder = Path("/run/doctor")
    run_program(
        ["doctor", "--data-dir", str(folder), "--json", *arguments], Terminal(out, out, True)
    )
    findings = json.loads(out.getvalue())["findings"]
    return [
        (found["well"], f"{found['sentence']} {found['cure']}".strip())
        for found in findings
        if found["about"] in ("usb", "udev")
    ]


@pytest.fixture(autouse=True)
def without_the_rule() -> Iterator[None]:
    """Each test begins as on a computer where the doctor never was."""
    udev.RULES_FILE.unlink(missing_ok=True)
    subprocess.run(["udevadm", "control", "--reload"], check=True)
    yield
    udev.RULES_FILE.unlink(missing_ok=True)
    subprocess.run(["udevadm", "control", "--reload"], check=True)


def test_a_user_who_may_not_is_told_so_and_the_doctor_makes_that_he_may(plug: Plug) -> None:
    printer = plug()
    url = "usb://0a5f:0164/D2J184500123"
    (found,) = plugged_printers()
    found.node.chmod(0o600)  # some systems know no group for printers
    refused = (
        f"This user may not use the USB printer 0a5f:0164 in port {printer.host_port}; run once "
        "as root: label-gateway doctor --fix."
    )
    lp = grp.getgrnam(udev.GROUP).gr_gid
    assert as_somebody(url, lp) == [f"[{refused!r}]", refused]
    assert doctor() == [
        (
            True,
            "1 USB printer is plugged in and may be used by this user. Without the rule of doctor "
            "--fix the system may send a printer to sleep.",
        )
    ]
    assert doctor("--fix") == [
        (
            True,
            "The rule for USB printers is in /etc/udev/rules.d/70-label-gateway.rules. Let the "
            "daemon's user print: usermod -aG lp USER, then start it again.",
        ),
        (True, "1 USB printer is plugged in and may be used by this user."),
    ]
    # Nobody pulled a cable.
    there = found.node.stat()
    assert (there.st_gid, there.st_mode & 0o777) == (lp, 0o660)
    assert as_somebody(url, lp) == ["['']", "5"]
    assert printer.wait_for(lambda: bytes(printer.received) == b"hello")
    assert as_somebody(url) == [f"[{refused!r}]", refused]


def test_the_rule_keeps_a_printer_awake_and_modems_programs_away(plug: Plug) -> None:
    udev.install()
    printer = plug()
    device = Path("/sys/bus/usb/devices") / printer.host_port
    assert (device / "power" / "control").read_text() == "on\n"
    known = subprocess.run(
        ["udevadm", "info", "--query=all", f"--path={device}"],
        capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert "E: ID_MM_DEVICE_IGNORE=1" in known
    assert any(line.startswith("E: TAGS=") and ":uaccess:" in line for line in known)


def test_the_rule_leaves_other_devices_alone(plug: Plug) -> None:
    udev.install()
    other = plug(usb_class=255)
    device = Path("/sys/bus/usb/devices") / other.host_port
    known = subprocess.run(
        ["udevadm", "info", "--query=property", f"--path={device}"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "ID_MM_DEVICE_IGNORE" not in known
    assert "LABEL_GATEWAY" not in known


def test_who_runs_the_doctor_without_being_root_is_told_how() -> None:
    child = os.fork()
    if not child:  # pragma: no cover
        os.setresuid(NOBODY, NOBODY, NOBODY)
        try:
            udev.install()
        except NotPermitted as refused:
            right = "sudo label-gateway doctor --fix" in refused.detail
            os._exit(0 if right else 2)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert not udev.RULES_FILE.exists()
