"""Pairing: a browser on another machine becomes a station's screen by a code that a person types.

    administrator ── POST …/pair ──► eight digits, ten minutes      (shown on the gateway's page)
    browser ── POST /v1/pair ──► cookie with a key of the station's own; the key before it ends

The code is worth a key, so it is short-lived, works once, and wrong ones are counted.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from gateway.api.access import OPEN, Failures, Who, is_loopback, needs
from gateway.api.changes import JsonObject
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.api.security import COOKIE
from gateway.api.showing import answer, rfc3339
from gateway.errors import InputRefused, NotAuthenticated, UnknownKey, UnknownStation
from gateway.stations.station import Station
from gateway.store.engine import Transaction, now
from gateway.store.keys import STATION

DIGITS = 8

LIVES = 600
"""Seconds a code can be typed in."""

MOST_WRONG = 100
"""Wrong codes, from whomever, before the codes that wait are withdrawn: of a hundred million."""

MOST_WRONG_EACH = 10
"""Wrong codes from one address in a minute."""

COOKIE_LIVES = 400 * 24 * 3600
"""Seconds; browsers keep no cookie longer (RFC 6265bis, 5.5)."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    code: str
    station: int
    ends: float


class PairingCodes:
    """The codes that wait to be typed in: in memory alone, one for each station.

    >>> codes = PairingCodes(clock=lambda: 0.0)
    >>> code = codes.offer(7)
    >>> len(code), codes.take(code, "10.0.0.9"), codes.offer(7) != code
    (8, 7, True)
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: dict[int, _Waiting] = {}
        self._failures = Failures(MOST_WRONG_EACH, clock, "pairing codes")
        self._wrong = 0

    def offer(self, station: int) -> str:
        """Return a new code for a station; one that it had before works no more."""
        taken = {one.code for one in self._waiting.values()}
        code = _draw()
        while code in taken:
            code = _draw()
        if not self._waiting:
            self._wrong = 0
        self._waiting[station] = _Waiting(code, station, self._clock() + LIVES)
        return code

    def take(self, code: str, address: str) -> int:
        """Return the station of a code, which works no more.

        Raises:
            NotAuthenticated: no such code waits.
            TooMany: the address has sent too many wrong ones; this one is not looked at.
        """
        self._failures.refuse(address)  # or it could go on guessing
        at = self._clock()
        self._waiting = {n: one for n, one in self._waiting.items() if one.ends > at}
        # All are compared, so that the time it takes tells nothing.
        meant = [
            one for one in self._waiting.values()
            if hmac.compare_digest(one.code.encode(), code.encode())
        ]  # fmt: skip
        if not meant:
            self._wrong += 1
            if self._wrong >= MOST_WRONG:
                self._waiting.clear()
            self._failures.add(address)
            raise NotAuthenticated(
                "No station waits for that code: it was mistyped, was used, or is older than ten "
                "minutes; have a new one shown on the gateway's page."
            )
        del self._waiting[meant[0].station]
        return meant[0].station

    def withdraw(self, station: int) -> None:
        """Forget the code of a station."""
        self._waiting.pop(station, None)


def _draw() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def read_code(value: object) -> str:
    """Return a code's digits, however they are grouped.

    >>> read_code("1234 5678"), read_code("1234-5678")
    ('12345678', '12345678')

    Raises:
        InputRefused: it cannot be a code.
    """
    digits = "".join(value.split()).replace("-", "") if isinstance(value, str) else ""
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdecimal()):
        raise InputRefused(f"'code' must be {DIGITS} digits, got {say(value)}.", key="code")
    return digits


def grouped(code: str) -> str:
    """Return a code as it is read aloud.

    >>> grouped("12345678")
    '1234 5678'
    """
    return f"{code[:4]} {code[4:]}"


def pairing_routes(parts: Parts) -> APIRouter:
    """Return the routes by which browsers become stations' screens."""
    router = APIRouter(prefix="/v1", tags=["stations"])
    stations, codes = parts.stations_store, PairingCodes()

    @router.post(
        "/stations/{name}/pair", dependencies=[needs("admin")], summary="Offer a pairing code"
    )
    async def offer_code(name: str, request: Request) -> Response:
        """Eight digits for the page at `url`, typed there within ten minutes. The browser that
        is paired now stays so until the code is used."""
        station, seen = stations.find(name), request.url
        code = codes.offer(station.id)
        offered = {
            "station": station.name,
            "code": grouped(code),
            "expires_at": rfc3339(now() + LIVES * 1_000_000),
            "url": f"{origin_for(seen.scheme, seen.hostname or '', seen.port, parts.hosts)}/pair",
        }
        return answer(offered, headers={"cache-control": "no-store"})

    @router.post(
        "/stations/{name}/unpair", dependencies=[needs("admin")], summary="Lock out its browser"
    )
    async def unpair(name: str, who: Who) -> Response:
        """The browser's key opens nothing from now on; doing it twice changes nothing."""
        station = stations.find(name)
        codes.withdraw(station.id)

        def work(t: Transaction) -> None:
            if station.access_key is not None:
                revoke_browser(t, parts, station, who.name)
                stations.set_key(t, station.id, None, who.name)

        await parts.database.write(work)
        return Response(status_code=204)

    @router.post("/pair", dependencies=[needs(OPEN)], summary="Pair this browser")
    async def pair(body: JsonObject, request: Request) -> Response:
        """`{"code": "1234 5678"}`. The answer sets a cookie, with which this browser, and no page
        of another site, may do what is done at the station."""
        refuse_unknown(body, ("code",), "A pairing")
        code = read_code(body.get("code"))
        client = request.client
        number = codes.take(code, client.host if client else "")
        station = stations.by_id(number)
        if station is None:
            raise UnknownStation("The station of this code was deleted a moment ago.")

        def work(t: Transaction) -> tuple[Station, str]:
            actor = f"{STATION}{station.name}"
            revoke_browser(t, parts, station, actor)
            key, text = parts.keys.make_for_station(t, station.name, actor)
            return stations.set_key(t, station.id, key.id, actor), text

        paired, text = await parts.database.write(work)
        cookie = (
            f"{COOKIE}={text}; Path=/; Max-Age={COOKIE_LIVES}; HttpOnly; SameSite=Strict"
            f"{'; Secure' if request.url.scheme == 'https' else ''}"
        )
        shown = {"station": paired.name, "links": {"station": f"/v1/stations/{paired.name}"}}
        return answer(shown, headers={"set-cookie": cookie, "cache-control": "no-store"})

    @router.get("/pair", dependencies=[needs("read")], summary="Which station this browser is")
    async def get_pairing(who: Who) -> Response:
        """`station` is null where a program or a person asks that is no paired browser."""
        name = who.name.removeprefix(STATION) if who.name.startswith(STATION) else None
        return answer({"station": name}, headers={"cache-control": "no-store"})

    return router


def revoke_browser(t: Transaction, parts: Parts, station: Station, actor: str) -> None:
    """End the key of a station's browser, in a transaction that changes the station, too."""
    if station.access_key is not None:
        with suppress(UnknownKey):  # an administrator has revoked it among the keys
            parts.keys.revoke(t, station.access_key, actor)


def origin_for(scheme: str, host: str, port: int | None, hosts: Sequence[str]) -> str:
    """Return where another machine reaches this gateway, as far as that is known.

    >>> origin_for("https", "127.0.0.1", 8730, ["localhost", "gateway.lan"])
    'https://gateway.lan:8730'
    >>> origin_for("http", "::1", None, []), origin_for("https", "10.0.0.7", 443, ["gateway.lan"])
    ('http://[::1]', 'https://10.0.0.7:443')
    """
    if _is_here(host):
        host = next((one for one in hosts if not _is_here(one)), host)
    named = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"{scheme}://{named}{'' if port is None else f':{port}'}"


def _is_here(host: str) -> bool:
    return host == "localhost" or is_loopback(host.strip("[]"))
