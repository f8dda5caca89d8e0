"""The rule that lets the gateway's user reach USB printers on Linux, and how it gets there.

>>> "uaccess" in RULE and RULES_FILE.name
'70-label-gateway.rules'
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from gateway.errors import GatewayError, NotPermitted

RULES_FILE = Path("/etc/udev/rules.d/70-label-gateway.rules")
"""Before 73-seat-late.rules, which acts on ``uaccess``, and 77-mm-*.rules of ModemManager."""

GROUP = "lp"
"""The group printers have on every common distribution."""

RULE = f"""\
# USB printers, for label-gateway: everybody in the group {GROUP} may use them, and so may whoever
# sits at this computer. Written by: label-gateway doctor --fix
ACTION=="remove", GOTO="label_gateway_end"

# Interface class 07 is a printer, in whichever interface of the device it is.
SUBSYSTEM=="usb", ENV{{DEVTYPE}}=="usb_device", ENV{{ID_USB_INTERFACES}}=="*:07????:*", \\
  GROUP="{GROUP}", MODE="0660", TAG+="uaccess", ENV{{ID_MM_DEVICE_IGNORE}}="1", \\
  ENV{{LABEL_GATEWAY}}="1"
# A printer that falls asleep loses what it holds, or wakes too late.
ENV{{LABEL_GATEWAY}}=="1", TEST=="power/control", ATTR{{power/control}}="on"

SUBSYSTEM=="usbmisc", KERNEL=="lp[0-9]*", GROUP="{GROUP}", MODE="0660", TAG+="uaccess"

LABEL="label_gateway_end"
"""

SUBSYSTEMS = ("usb", "usbmisc")
"""Whose devices are looked at anew when the rule has changed: nobody has to pull a cable."""


def is_installed(file: Path = RULES_FILE) -> bool:
    """Return whether the rule is there as it is written here."""
    try:
        return file.read_text(encoding="utf-8") == RULE
    except (OSError, UnicodeDecodeError):
        return False


def install(
    file: Path = RULES_FILE, rule: str = RULE, subsystems: Sequence[str] = SUBSYSTEMS
) -> None:
    """Write a rule and let it act on what is plugged in.

    Raises:
        NotPermitted: this user may not write it.
        GatewayError: it could not be written, or udev does not take it.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(rule, encoding="utf-8")
    except PermissionError as error:
        raise NotPermitted(
            f"Only root may write {file}; run it again as: sudo label-gateway doctor --fix.",
            path=str(file),
        ) from error
    except OSError as error:
        raise GatewayError(
            f"{file} could not be written ({error.strerror or error}); write it by hand.",
            path=str(file),
        ) from error
    triggers = [
        ("udevadm", "trigger", "--action=change", f"--subsystem-match={subsystem}")
        for subsystem in subsystems
    ]
    settle = ("udevadm", "settle", "--timeout=10")
    for command in (("udevadm", "control", "--reload"), *triggers, settle):
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError as error:
            raise GatewayError(
                "There is no udevadm on this computer, so udev's rules have no effect; let the "
                f"system that runs it write {file}.",
                path=str(file),
            ) from error
        if done.returncode:
            raise GatewayError(
                f"{' '.join(command)} failed ({done.stderr.strip()[:200]}); the rule is written, "
                "and acts when the computer starts again.",
                path=str(file),
            )
