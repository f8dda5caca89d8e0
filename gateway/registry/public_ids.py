"""Short names that are true for ever: which life, lot, place or document a label of ours means.

A number of the database is turned into ten characters of Crockford's base 32, by a permutation that
only this database's secret knows: no table of them is needed, two gateways' names do not meet, and
nobody counts a competitor's shipments by them. A check character over the whole follows.

>>> names = PublicIds(b"secret of a database")
>>> name = names.write("serial", 12)
>>> name, names.read(name)
('STJS5CENJG4X', ('serial', 12))
>>> names.read(name[:-1] + "Y") is None, names.code("serial", 12)[:4]
(True, 'GW-S')
"""

from __future__ import annotations

from hashlib import blake2s
from typing import Literal

from gateway.codes.checkdigits import check_character

Kind = Literal["serial", "lot", "location", "document", "package"]

LETTERS: dict[Kind, str] = {
    "serial": "S", "lot": "T", "location": "P", "document": "D", "package": "B",
}  # fmt: skip
_KINDS = {letter: kind for kind, letter in LETTERS.items()}

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U."""

DIGITS = 10
_HALF = 25
_MASK = (1 << _HALF) - 1
_ROUNDS = 4
"""A Feistel network of four rounds is a pseudo-random permutation (Luby and Rackoff, 1988)."""

_READ_AS = str.maketrans("ILO", "110")


class PublicIds:
    """Writes and reads the public names of one database."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def write(self, kind: Kind, number: int) -> str:
        """Return the name of a number: its kind's letter, ten characters, a check character."""
        if not 0 <= number < 1 << 2 * _HALF:
            raise ValueError(number)
        mixed = self._mix(kind, number, range(_ROUNDS))
        digits = "".join(ALPHABET[mixed >> 5 * place & 31] for place in range(DIGITS - 1, -1, -1))
        whole = LETTERS[kind] + digits
        return whole + check_character(whole)

    def read(self, name: str) -> tuple[Kind, int] | None:
        """Return what a name means; None when it is none, or a digit of it is wrong.

        Small letters, and I, L, O for 1, 1, 0 are read as people write them.
        """
        name = name.upper().removeprefix("GW-")
        if len(name) != DIGITS + 2 or name[0] not in _KINDS:
            return None
        digits = name[1:-1].translate(_READ_AS)
        if any(letter not in ALPHABET for letter in digits):
            return None
        if name[-1] != check_character(name[0] + digits):
            return None
        mixed = 0
        for letter in digits:
            mixed = mixed << 5 | ALPHABET.index(letter)
        kind = _KINDS[name[0]]
        return kind, self._mix(kind, mixed, range(_ROUNDS - 1, -1, -1))

    def code(self, kind: Kind, number: int) -> str:
        """Return the name as the barcode carries it: ``GW-…``."""
        return f"GW-{self.write(kind, number)}"

    def _mix(self, kind: Kind, number: int, rounds: range) -> int:
        left, right = number >> _HALF, number & _MASK
        back = rounds.step < 0
        for turn in rounds:
            if back:
                left, right = right ^ self._turn(kind, turn, left), left
            else:
                left, right = right, left ^ self._turn(kind, turn, right)
        return left << _HALF | right

    def _turn(self, kind: Kind, turn: int, half: int) -> int:
        said = b"%b %d %d" % (kind.encode(), turn, half)
        return int.from_bytes(blake2s(said, key=self._secret[:32], digest_size=4).digest()) & _MASK
