"""The GS1 check digit, sentences about wrong ones, and the check character of our own codes.

    digits ──check_digit──► the digit that must follow
    digits ──verify──► the same digits, or a refusal

One rule serves GTIN-8, -12, -13, -14, SSCC, GLN and ITF-14: weights 3, 1, 3, … from the right
(GS1 General Specifications, 7.9.1).

>>> check_digit("629104150021")
'3'
>>> verify("6291041500213", "GTIN-13")
'6291041500213'
>>> verify("6291041500218", "GTIN-13")
Traceback (most recent call last):
...
gateway.errors.CodeRefused: GTIN-13 '6291041500218' has a wrong check digit: expected 3, got 8; \
check the number for a typing error, or give '6291041500213' if only the last digit is wrong.
"""

from __future__ import annotations

from typing import Final

from gateway.errors import CodeRefused

GTIN_8, GTIN_12, GTIN_13, GTIN_14, SSCC, GLN = 8, 12, 13, 14, 18, 13
"""Digits of each key, check digit included (GS1 General Specifications, 7.9.1)."""


def check_digit(digits: str) -> str:
    """Return the digit that completes the given ASCII digits.

    >>> check_digit("37610425002123456")  # an SSCC
    '9'
    """
    threes = sum(map(int, digits[-1::-2]))
    ones = sum(map(int, digits[-2::-2]))
    return str(-(3 * threes + ones) % 10)


def verify(digits: str, name: str) -> str:
    """Return the digits when their last one is the right check digit.

    Raises:
        CodeRefused: the last digit is another; the message has both.
    """
    expected = check_digit(digits[:-1])
    if digits[-1] != expected:
        raise CodeRefused(
            f"{name} {digits!r} has a wrong check digit: expected {expected}, got {digits[-1]}; "
            f"check the number for a typing error, or give '{digits[:-1]}{expected}' "
            "if only the last digit is wrong.",
            value=digits,
            expected=expected,
            got=digits[-1],
        )
    return digits


def complete(text: str, length: int, name: str) -> str:
    """Return ``length`` digits: as given when the check digit is right, or with it appended.

    >>> complete("629104150021", 13, "EAN-13")
    '6291041500213'

    Raises:
        CodeRefused: not that many digits, or a wrong check digit.
    """
    if not (text.isascii() and text.isdigit() and len(text) in (length - 1, length)):
        raise CodeRefused(
            f"{text!r} is no {name}: expected {length} digits, or {length - 1} without the "
            f"check digit, got {describe(text)}.",
            value=text,
            expected=length,
            got=len(text),
        )
    return verify(text, name) if len(text) == length else text + check_digit(text)


def describe(text: str) -> str:
    """Return what a text is made of, for the end of a sentence.

    >>> describe("12a"), describe("123"), describe("")
    ("3 characters with 'a' among them", '3 digits', 'nothing')
    """
    if not text:
        return "nothing"
    wrong = next((c for c in text if c not in "0123456789"), None)
    if wrong is None:
        return f"{len(text)} digit" + ("s" if len(text) != 1 else "")
    many = "character" if len(text) == 1 else "characters"
    return f"{len(text)} {many} with {wrong!r} among them"


_CHECKED: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def check_character(text: str) -> str:
    """Return the check character of ISO/IEC 7064, MOD 37,36.

    It finds every wrong character and nearly every exchange of two neighbours.

    >>> check_character("A12425GABC1234002")  # the example of the Global Release Identifier
    'M'
    """
    product = 36
    for letter in text:
        product = ((product + _CHECKED.index(letter)) % 36 or 36) * 2 % 37
    return _CHECKED[(37 - product) % 36]
