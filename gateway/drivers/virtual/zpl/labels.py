"""Commands that set up the label: its size, where its ink is moved, how many come out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gateway.drivers.virtual.zpl.parameters import letter, numbers
from gateway.drivers.virtual.zpl.parser import Command
from gateway.drivers.virtual.zpl.state import LONGEST_LABEL

if TYPE_CHECKING:
    from gateway.drivers.virtual.zpl.interpreter import Interpreter


Act = Callable[["Interpreter", Command], None]

_MOST_LABELS = 99_999_999
"""ZPL II guide, ^PQ."""

# Normal dots, units of dots, horizontal text, ZPL II, no code validation.
_DEFAULTS = {"^JM": "A", "^MU": "D", "^FP": "H", "^SZ": "2", "^CV": "N"}


def _label_home(zpl: Interpreter, command: Command) -> None:
    x, y = numbers(command, 2)
    zpl.settings.home = (max(0, x or 0), max(0, y or 0))


def _label_length(zpl: Interpreter, command: Command) -> None:
    length = numbers(command, 1)[0]
    if length and length > 0:
        zpl.settings.length = min(length, LONGEST_LABEL)


def _print_width(zpl: Interpreter, command: Command) -> None:
    width = numbers(command, 1)[0]
    if width and width > 0:
        zpl.settings.width = max(2, width)


def _label_shift(zpl: Interpreter, command: Command) -> None:
    zpl.settings.shift_left = max(-9999, min(numbers(command, 1)[0] or 0, 9999))


def _label_top(zpl: Interpreter, command: Command) -> None:
    # ZPL II guide, ^LT: -120 to 120 dot rows.
    zpl.settings.shift_down = max(-120, min(numbers(command, 1)[0] or 0, 120))


def _label_reverse(zpl: Interpreter, command: Command) -> None:
    zpl.settings.reverse = letter(command) == "Y"


def _orient(zpl: Interpreter, command: Command) -> None:
    zpl.settings.inverted = letter(command) == "I"


def _mirror(zpl: Interpreter, command: Command) -> None:
    zpl.settings.mirrored = letter(command) == "Y"


def _quantity(zpl: Interpreter, command: Command) -> None:
    total, pause, replicates = numbers(command, 3)
    override = command.text().split(",")[3:4]
    zpl.open_format.quantity = max(1, min(total or 1, _MOST_LABELS))
    zpl.open_format.replicates = max(1, (replicates or 0))
    paused = not override or override[0].strip().upper()[:1] != "Y"
    zpl.open_format.pause_every = max(0, pause or 0) if paused else 0


def _reprint(zpl: Interpreter, command: Command) -> None:
    zpl.settings.reprint = letter(command) != "N"


def _prefix(zpl: Interpreter, command: Command) -> None:
    zpl.machine.note_admin(str(command))


def _saved(zpl: Interpreter, command: Command) -> None:
    zpl.machine.note_admin(str(command))


def _only_default(zpl: Interpreter, command: Command) -> None:
    """Commands whose default changes nothing here, and whose other values are not obeyed."""
    if letter(command) not in ("", _DEFAULTS[command.name]):
        zpl.list_command(command)


def _change_nothing(zpl: Interpreter, command: Command) -> None:
    """^FX and other commands that change nothing on this paper."""


LABELS: Mapping[str, Act] = {
    "^CC": _prefix,
    "^CD": _prefix,
    "^CT": _prefix,
    "^CV": _only_default,
    "^FP": _only_default,
    "^FX": _change_nothing,
    "^JM": _only_default,
    "^JU": _saved,
    "^JZ": _reprint,
    "^LH": _label_home,
    "^LL": _label_length,
    "^LR": _label_reverse,
    "^LS": _label_shift,
    "^LT": _label_top,
    "^MD": _change_nothing,
    "^MM": _change_nothing,
    "^MN": _change_nothing,
    "^MT": _change_nothing,
    "^MU": _only_default,
    "^PM": _mirror,
    "^PO": _orient,
    "^PQ": _quantity,
    "^PR": _change_nothing,
    "^PW": _print_width,
    "^SZ": _only_default,
    "^XB": _change_nothing,
}
"""Format commands by name."""
LABELS_AT_ONCE: Mapping[str, Act] = {
    "~CC": _prefix,
    "~CD": _prefix,
    "~CT": _prefix,
    "~SD": _change_nothing,
    "~TA": _change_nothing,
}
"""Control commands by name."""
