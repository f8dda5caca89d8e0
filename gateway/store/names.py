"""Names people give to printers, templates and keys.

>>> check_name("dock-7.left", "printer")
'dock-7.left'
"""

from __future__ import annotations

import re

from gateway.errors import InputRefused

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}", re.ASCII)


def check_name(name: str, what: str) -> str:
    """Return the name.

    Raises:
        InputRefused: it is not 1 to 40 letters, digits, ``-``, ``_`` or ``.``; or only dots, which
            a URL's path would lose.
    """
    if _NAME.fullmatch(name) and name.strip("."):
        return name
    raise InputRefused(
        f"{name[:80]!r} cannot be a {what}'s name; use 1 to 40 letters, digits, '-', '_' or '.'.",
        name=name[:80],
    )


def similar(name: str, known: list[str]) -> str:
    """Return what to add to "there is no such name": the nearest name, or all of a few.

    >>> similar("zebr", ["zebra", "epson"]), similar("x", ["zebra"]), similar("x", [])
    ("; did you mean 'zebra'?", '; there is zebra.', '.')
    """
    from difflib import get_close_matches  # late: only a mistake needs it

    near = get_close_matches(name, known, 1)
    if near:
        return f"; did you mean {near[0]!r}?"
    if 0 < len(known) <= 8:
        return f"; there {'is' if len(known) == 1 else 'are'} {', '.join(known)}."
    return "."
