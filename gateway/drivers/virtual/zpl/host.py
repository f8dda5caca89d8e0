"""Commands by which a host asks and commands the printer itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gateway.drivers.virtual.zpl import answers
from gateway.drivers.virtual.zpl.parameters import octets, unescape
from gateway.drivers.virtual.zpl.parser import Command
from gateway.drivers.virtual.zpl.state import Draft

if TYPE_CHECKING:
    from gateway.drivers.virtual.zpl.interpreter import Interpreter


Act = Callable[["Interpreter", Command], None]


def _list_directory(zpl: Interpreter, command: Command) -> None:
    pattern = command.text().split(",")[0].strip().upper() or "R:*.*"
    device, colon, rest = pattern.partition(":")
    if not colon:
        device, rest = "R", pattern
    stem, dot, extension = (rest or "*.*").partition(".")
    wanted = f"{device[:1]}:{stem or '*'}.{(extension or '*') if dot else '*'}"
    found = zpl.memory.matching(wanted)
    zpl.answer(answers.directory(wanted, found, zpl.memory.free(device[:1])))


def _return_value(zpl: Interpreter, command: Command) -> None:
    """^HV: give a numbered field's content back, once a format or once a label."""
    open_format = zpl.open_format
    raw = command.parameters
    if open_format.draft.escape is not None:
        raw = unescape(raw, open_format.draft.escape)
    parts = raw.split(b",")
    number, longest = octets(parts[0]), octets(parts[1]) if len(parts) > 1 else 64
    head = parts[2] if len(parts) > 2 else b""
    tail = parts[3] if len(parts) > 3 else b""
    when = parts[4].strip().upper() if len(parts) > 4 else b"F"
    wanted = (number, longest or 64, head, tail)
    if when == b"L":
        open_format.answers_per_label.append(wanted)
    else:
        open_format.answers_per_format.append(wanted)
    open_format.draft = Draft()


def _host_status(zpl: Interpreter, command: Command) -> None:
    state = zpl.machine.state()
    if zpl.silent_on_error and state.halted:
        return
    zpl.answer(answers.host_status(state, partial=zpl.holds_part, graphics=_graphics(zpl)))


def _graphics(zpl: Interpreter) -> int:
    return len(zpl.memory.matching("*.GRF"))


def _host_identity(zpl: Interpreter, command: Command) -> None:
    zpl.answer(answers.host_identity(zpl.machine.make))


def _host_memory(zpl: Interpreter, command: Command) -> None:
    zpl.answer(answers.host_memory(zpl.memory.free("R")))


def _host_query(zpl: Interpreter, command: Command) -> None:
    reply = answers.host_query(command.text().upper(), zpl.machine.state(), zpl.machine.make)
    if reply is None:
        zpl.list_command(command)
    else:
        zpl.answer(reply)


def _cancel_all(zpl: Interpreter, command: Command) -> None:
    zpl.machine.note_admin("~JA")
    zpl.machine.cancel_all()


def _cancel_partial(zpl: Interpreter, command: Command) -> None:
    zpl.cancel_partial()


def _restart_command(zpl: Interpreter, command: Command) -> None:
    zpl.machine.note_admin("~JR")
    zpl.restart()


def _pause(zpl: Interpreter, command: Command) -> None:
    zpl.machine.note_admin("~PP")
    zpl.machine.pause()


def _go_on(zpl: Interpreter, command: Command) -> None:
    zpl.machine.note_admin("~PS")
    zpl.machine.resume()


def _print_configuration(zpl: Interpreter, command: Command) -> None:
    zpl.machine.note_admin(command.name)


def _end_download(zpl: Interpreter, command: Command) -> None:
    """Nothing is left to end: a half download was ended by the tilde of this command."""


HOST: Mapping[str, Act] = {
    "^HV": _return_value,
    "^HW": _list_directory,
}
"""Format commands by name."""
HOST_AT_ONCE: Mapping[str, Act] = {
    "~DN": _end_download,
    "~HI": _host_identity,
    "~HM": _host_memory,
    "~HQ": _host_query,
    "~HS": _host_status,
    "~JA": _cancel_all,
    "~JC": _print_configuration,
    "~JR": _restart_command,
    "~JX": _cancel_partial,
    "~PP": _pause,
    "~PS": _go_on,
    "~WC": _print_configuration,
}
"""Control commands by name."""
