"""Linear symbols: text in, widths of bars and spaces in dots out, a bar first.

Two kinds exist. Where elements are one to four modules wide (EAN/UPC, Code 128, Code 93) a width
is a whole multiple of the module. Where they are narrow or wide (Code 39, the 2 of 5 family,
Codabar, MSI) the wide one is ``wide`` dots.

>>> code39("A", module=1, wide=3)[:9]
[1, 3, 1, 1, 3, 1, 3, 1, 1]
>>> ean13("400638133393", module=1)[:5], sum(ean13("400638133393", module=1))
([1, 1, 1, 3, 2], 95)
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from gateway.drivers.virtual.canvas import Tile
from gateway.errors import CodeRefused

# ISO/IEC 16388 table 1: bar, space, bar … of nine elements, three of them wide.
_CODE39_TABLE = (
    "0=nnnwwnwnn 1=wnnwnnnnw 2=nnwwnnnnw 3=wnwwnnnnn 4=nnnwwnnnw 5=wnnwwnnnn 6=nnwwwnnnn "
    "7=nnnwnnwnw 8=wnnwnnwnn 9=nnwwnnwnn A=wnnnnwnnw B=nnwnnwnnw C=wnwnnwnnn D=nnnnwwnnw "
    "E=wnnnwwnnn F=nnwnwwnnn G=nnnnnwwnw H=wnnnnwwnn I=nnwnnwwnn J=nnnnwwwnn K=wnnnnnnww "
    "L=nnwnnnnww M=wnwnnnnwn N=nnnnwnnww O=wnnnwnnwn P=nnwnwnnwn Q=nnnnnnwww R=wnnnnnwwn "
    "S=nnwnnnwwn T=nnnnwnwwn U=wwnnnnnnw V=nwwnnnnnw W=wwwnnnnnn X=nwnnwnnnw Y=wwnnwnnnn "
    "Z=nwwnwnnnn -=nwnnnnwnw .=wwnnnnwnn $=nwnwnwnnn /=nwnwnnnwn +=nwnnnwnwn %=nnnwnwnwn "
    "*=nwnnwnwnn"
)
_CODE39 = {pair[0]: pair[2:] for pair in _CODE39_TABLE.split()}
_CODE39[" "] = "nwwnnnwnn"
CODE39_VALUES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"

# AIM USS-93: six elements of together nine modules; the last four are the shift characters.
_CODE93_TABLE = (
    "131112 111213 111312 111411 121113 121212 121311 111114 131211 141111 211113 211212 "
    "211311 221112 221211 231111 112113 112212 112311 122112 132111 111123 111222 111321 "
    "121122 131121 212112 212211 211122 211221 221121 222111 112122 112221 122121 123111 "
    "121131 311112 311211 321111 112131 113121 211131 121221 312111 311121 122211"
)
_CODE93 = _CODE93_TABLE.split()
_CODE93_STOP = "111141"
# AIM USS-93, full ASCII: shift characters 43 ($), 44 (%), 45 (/), 46 (+).
_SHIFT_DOLLAR, _SHIFT_PERCENT, _SHIFT_SLASH, _SHIFT_PLUS = 43, 44, 45, 46

# AIM USS-Codabar: seven elements, 1 = wide.
_CODABAR = {
    "0": "0000011",
    "1": "0000110",
    "2": "0001001",
    "3": "1100000",
    "4": "0010010",
    "5": "1000010",
    "6": "0100001",
    "7": "0100100",
    "8": "0110000",
    "9": "1001000",
    "-": "0001100",
    "$": "0011000",
    ":": "1000101",
    "/": "1010001",
    ".": "1010100",
    "+": "0010101",
    "A": "0011010",
    "B": "0101001",
    "C": "0001011",
    "D": "0001110",
}

# ISO/IEC 16390: five elements a digit, 1 = wide; the whole 2 of 5 family uses it.
_TWO_OF_FIVE = (
    "00110",
    "10001",
    "01001",
    "11000",
    "00101",
    "10100",
    "01100",
    "00011",
    "10010",
    "01010",
)

# GS1 General Specifications 5.2.1.2: number set A as space, bar, space, bar; set B is its mirror.
_EAN_A = ("3211", "2221", "2122", "1411", "1132", "1231", "1114", "1312", "1213", "3112")
# GS1 General Specifications 5.2.2.2: which set each of the six left digits of EAN-13 takes.
_EAN13_SETS = (
    "AAAAAA",
    "AABABB",
    "AABBAB",
    "AABBBA",
    "ABAABB",
    "ABBAAB",
    "ABBBAA",
    "ABABAB",
    "ABABBA",
    "ABBABA",
)
# GS1 General Specifications 5.2.2.3: the sets of UPC-E's six digits by check digit, system 0.
_UPCE_SETS = (
    "BBBAAA",
    "BBABAA",
    "BBAABA",
    "BBAAAB",
    "BABBAA",
    "BAABBA",
    "BAAABB",
    "BABABA",
    "BABAAB",
    "BAABAB",
)
# GS1 General Specifications 5.2.2.4: sets of the two and five digit add-ons.
_ADDON2_SETS = ("AA", "AB", "BA", "BB")
_ADDON5_SETS = (
    "BBAAA",
    "BABAA",
    "BAABA",
    "BAAAB",
    "ABBAA",
    "AABBA",
    "AAABB",
    "ABABA",
    "ABAAB",
    "AABAB",
)


def bars(widths: Iterable[int], height: int) -> Tile:
    """Return the symbol as a tile ``height`` dots tall, without quiet zones."""
    row, total, is_bar = 0, 0, True
    for width in widths:
        row <<= width
        if is_bar:
            row |= (1 << width) - 1
        total += width
        is_bar = not is_bar
    return Tile(total, max(1, height), (row,) * max(1, height))


def check_digit(digits: str) -> int:
    """Return the GS1 check digit of the digits before it (GS1 General Specifications 7.9).

    >>> check_digit("400638133393")
    1
    """
    weighted = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return -weighted % 10


def code39(text: str, *, module: int, wide: int, check: bool = False) -> list[int]:
    """Return Code 39 with its start and stop characters.

    Raises:
        CodeRefused: a character is not one of the 43.
    """
    for character in text:
        if character not in CODE39_VALUES:
            raise CodeRefused(f"Code 39 cannot carry {character!r}.", character=character)
    if check:
        text += CODE39_VALUES[sum(CODE39_VALUES.index(c) for c in text) % 43]
    widths: list[int] = []
    for character in f"*{text}*":
        widths += [wide if e == "w" else module for e in _CODE39[character]]
        widths.append(module)
    return widths[:-1]


def code93(text: str, *, module: int) -> list[int]:
    """Return Code 93 with both check characters; other ASCII goes by shift characters.

    Raises:
        CodeRefused: a character is not ASCII.
    """
    values = [value for character in text for value in _code93_values(character)]
    for longest in (20, 15):  # USS-93: weights of the check characters C and K
        total = sum(v * (i % longest + 1) for i, v in enumerate(reversed(values)))
        values.append(total % 47)
    digits = _CODE93_STOP + "".join(_CODE93[v] for v in values) + _CODE93_STOP + "1"
    return [int(d) * module for d in digits]


def _code93_values(character: str) -> tuple[int, ...]:
    if character in CODE39_VALUES:
        return (CODE39_VALUES.index(character),)
    code = ord(character)
    letter_a = CODE39_VALUES.index("A")
    if 1 <= code <= 26:
        return _SHIFT_DOLLAR, letter_a + code - 1
    if 97 <= code <= 122:
        return _SHIFT_PLUS, letter_a + code - 97
    if 33 <= code <= 58:
        return _SHIFT_SLASH, letter_a + code - 33
    percent = {0: "U", 64: "V", 96: "W", 127: "T"}
    for start, stop, first in ((27, 31, "A"), (59, 63, "F"), (91, 95, "K"), (123, 126, "P")):
        if start <= code <= stop:
            return _SHIFT_PERCENT, CODE39_VALUES.index(first) + code - start
    if code in percent:
        return _SHIFT_PERCENT, CODE39_VALUES.index(percent[code])
    raise CodeRefused(f"Code 93 cannot carry {character!r}.", character=character)


def codabar(text: str, *, module: int, wide: int, start: str = "A", stop: str = "A") -> list[int]:
    """Return Codabar between the given start and stop letters.

    Raises:
        CodeRefused: a character is not one of ``0-9-$:/.+``.
    """
    widths: list[int] = []
    for index, character in enumerate(start + text + stop):
        pattern = _CODABAR.get(character)
        framing = index in (0, len(text) + 1)
        if pattern is None or (character in "ABCD") != framing:
            raise CodeRefused(f"Codabar cannot carry {character!r}.", character=character)
        widths += [wide if e == "1" else module for e in pattern]
        widths.append(module)
    return widths[:-1]


def interleaved(digits: str, *, module: int, wide: int) -> list[int]:
    """Return Interleaved 2 of 5 of an even number of digits.

    Raises:
        CodeRefused: not digits, or an odd number of them.
    """
    _want_digits("Interleaved 2 of 5", digits)
    if len(digits) % 2:
        raise CodeRefused("Interleaved 2 of 5 needs an even number of digits.", value=digits)
    widths = [module] * 4
    for first, second in zip(digits[::2], digits[1::2], strict=True):
        for bar, space in zip(_TWO_OF_FIVE[int(first)], _TWO_OF_FIVE[int(second)], strict=True):
            widths += [wide if bar == "1" else module, wide if space == "1" else module]
    return [*widths, wide, module, module]


def two_of_five(digits: str, *, module: int, wide: int, industrial: bool) -> list[int]:
    """Return 2 of 5 with the digits in the bars alone: Industrial or Standard (IATA) framing.

    Raises:
        CodeRefused: not digits.
    """
    _want_digits("2 of 5", digits)
    start, stop = ("110", "101") if industrial else ("00", "10")
    widths: list[int] = []
    for pattern in (start, *(_TWO_OF_FIVE[int(d)] for d in digits), stop):
        for element in pattern:
            widths += [wide if element == "1" else module, module]
    return widths[:-1]


def msi(digits: str, *, module: int, wide: int) -> list[int]:
    """Return MSI of digits that already carry their check digits.

    Raises:
        CodeRefused: not digits.
    """
    _want_digits("MSI", digits)
    widths = [wide, module]
    for digit in digits:
        for bit in format(int(digit), "04b"):
            widths += [wide, module] if bit == "1" else [module, wide]
    return [*widths, module, wide, module]


def msi_check_10(digits: str) -> str:
    """Return the modulo 10 check digit (Luhn) of MSI.

    >>> msi_check_10("12345678")
    '2'
    """
    doubled = int("0" + digits[::-1][::2][::-1]) * 2
    total = sum(int(d) for d in str(doubled)) + sum(int(d) for d in digits[::-1][1::2])
    return str(-total % 10)


def msi_check_11(digits: str) -> str:
    """Return the modulo 11 check digit of MSI, weights 2 to 7 (``10`` is two digits)."""
    total = sum(int(d) * (i % 6 + 2) for i, d in enumerate(reversed(digits)))
    return str(-total % 11)


def ean13(digits: str, *, module: int) -> list[int]:
    """Return EAN-13 of twelve digits; the check digit is added.

    Raises:
        CodeRefused: not twelve digits.
    """
    _want_digits("EAN-13", digits, 12)
    digits += str(check_digit(digits))
    left = _left(digits[1:7], _EAN13_SETS[int(digits[0])])
    return _scaled(f"101{left}01010{_right(digits[7:])}101", module)


def ean8(digits: str, *, module: int) -> list[int]:
    """Return EAN-8 of seven digits; the check digit is added.

    Raises:
        CodeRefused: not seven digits.
    """
    _want_digits("EAN-8", digits, 7)
    digits += str(check_digit(digits))
    return _scaled(f"101{_left(digits[:4], 'AAAA')}01010{_right(digits[4:])}101", module)


def upca(digits: str, *, module: int) -> list[int]:
    """Return UPC-A of eleven digits; the check digit is added.

    Raises:
        CodeRefused: not eleven digits.
    """
    _want_digits("UPC-A", digits, 11)
    return ean13("0" + digits, module=module)


def upce(digits: str, *, module: int) -> list[int]:
    """Return UPC-E of number system and six digits (zero-suppressed); the check digit is added.

    Raises:
        CodeRefused: not seven digits, or the number system is neither 0 nor 1.
    """
    _want_digits("UPC-E", digits, 7)
    if digits[0] not in "01":
        raise CodeRefused(f"UPC-E has number system 0 or 1, got {digits[0]}.", value=digits)
    sets = _UPCE_SETS[check_digit(expand_upce(digits))]
    if digits[0] == "1":
        sets = sets.translate(str.maketrans("AB", "BA"))
    return _scaled(f"101{_left(digits[1:], sets)}010101", module)


def expand_upce(digits: str) -> str:
    """Return the eleven digits of UPC-A behind seven of UPC-E (GS1 General Specifications 5.2.2.3).

    >>> expand_upce("0123455"), expand_upce("0654321")
    ('01234500005', '06510000432')
    """
    system, body, last = digits[0], digits[1:6], digits[6]
    if last in "012":
        return f"{system}{body[:2]}{last}0000{body[2:]}"
    if last == "3":
        return f"{system}{body[:3]}00000{body[3:]}"
    if last == "4":
        return f"{system}{body[:4]}00000{body[4:]}"
    return f"{system}{body}0000{last}"


def shrink_upce(digits: str) -> str | None:
    """Return the seven UPC-E digits of eleven UPC-A digits, or None when zeros do not allow it."""
    for last in "0123456789":
        if last in "012":
            candidate = digits[0] + digits[1:3] + digits[8:11] + last
        elif last == "3":
            candidate = digits[0] + digits[1:4] + digits[9:11] + last
        elif last == "4":
            candidate = digits[0] + digits[1:5] + digits[10] + last
        else:
            candidate = digits[0] + digits[1:6] + last
        if expand_upce(candidate) == digits:
            return candidate
    return None


def addon(digits: str, *, module: int) -> list[int]:
    """Return the add-on symbol of two or five digits.

    Raises:
        CodeRefused: neither two nor five digits.
    """
    _want_digits("A UPC/EAN add-on", digits)
    if len(digits) == 2:
        sets = _ADDON2_SETS[int(digits) % 4]
    elif len(digits) == 5:
        weights = (3, 9, 3, 9, 3)
        sets = _ADDON5_SETS[sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 10]
    else:
        raise CodeRefused("A UPC/EAN add-on has two or five digits.", value=digits)
    parts = [_left(digit, chosen) for digit, chosen in zip(digits, sets, strict=True)]
    return _scaled("1011" + "01".join(parts), module)


def _want_digits(symbology: str, digits: str, count: int | None = None) -> None:
    if not (digits.isascii() and digits.isdigit()) or count not in (None, len(digits)):
        wanted = "digits" if count is None else f"{count} digits"
        raise CodeRefused(f"{symbology} carries {wanted}, got {digits!r}.", value=digits)


def _left(digits: str, sets: str) -> str:
    """Return the module string of left-hand digits: they begin with a space."""
    out = []
    for digit, chosen in zip(digits, sets, strict=True):
        widths = _EAN_A[int(digit)] if chosen == "A" else _EAN_A[int(digit)][::-1]
        out.append("".join(str(i % 2) * int(w) for i, w in enumerate(widths)))
    return "".join(out)


def _right(digits: str) -> str:
    return "".join(
        "".join(str(1 - i % 2) * int(w) for i, w in enumerate(_EAN_A[int(d)])) for d in digits
    )


def _scaled(modules: str, module: int) -> list[int]:
    """Return run lengths in dots of a module string that begins with a bar."""
    return [len(list(run)) * module for _, run in groupby(modules)]
