"""Versions in headers: ``ETag`` out, ``If-Match`` and ``If-None-Match`` in (RFC 9110, 13.1).

>>> seen('"7"', None), seen(None, "*"), seen(None, None), seen("*", None)
('7', '', None, None)
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Header

from gateway.errors import Stale, Unreadable

IfMatch = Annotated[str | None, Header(alias="If-Match")]
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match")]


def etag(version: object) -> str:
    """Return a version as an ``ETag``."""
    return f'"{version}"'


def seen(if_match: str | None, if_none_match: str | None) -> str | None:
    """Return the version the caller has seen: ``""`` for none at all, None when it says nothing.

    Raises:
        Unreadable: the header is not one version in quotes, or ``*``.
    """
    if if_none_match is not None:
        if if_none_match.strip() != "*":
            raise Unreadable("If-None-Match must be * here: only make what is not there yet.")
        return ""
    if if_match is None or if_match.strip() == "*":
        return None
    text = if_match.strip().removeprefix("W/")
    if len(text) < 3 or text[0] != '"' or text[-1] != '"' or '"' in text[1:-1]:
        raise Unreadable(f"If-Match must be one ETag in quotes, got {if_match[:80]!r}.")
    return text[1:-1]


def version_of(what: str, version: str | None) -> int | Literal["new"] | None:
    """Return the version number the caller has seen: ``"new"`` for none at all.

    Raises:
        Stale: it is no number that a version ever had.
    """
    if version is None:
        return None
    if version == "":
        return "new"
    if version.isascii() and version.isdecimal() and len(version) < 19:
        return int(version)
    raise Stale(f"{what} never had the version {version[:80]!r}; read it again.")
