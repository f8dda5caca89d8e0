"""``/v1/scans``: a scan from a page, a phone or a program, and what a code would mean.

{"code", "station", "source", "sequence"} ──► stations.Stations.take ──► what a person is told
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query, Response

from gateway.api.access import Actor, Who, needs
from gateway.api.changes import JsonObject
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.api.registry.given import flag_given, moment_given, text_given, whole_given
from gateway.api.scanners import is_wedge
from gateway.api.showing import Json, answer, rfc3339
from gateway.codes.clean import LONGEST
from gateway.errors import InputRefused, Unknown
from gateway.scanners.outcomes import Outcome
from gateway.stations import resolving
from gateway.stations.heard import Heard
from gateway.stations.station import Station
from gateway.stations.views import view
from gateway.store import scans

KEYS = ("code", "station", "source", "sequence", "aim", "typed", "at")
LONGEST_CODE = 100_000
"""Characters of a request's code that are looked at; longer than LONGEST is refused as a scan."""


def scan_routes(parts: Parts) -> APIRouter:
    """Return the routes of scans and of stations' sessions."""
    router = APIRouter(tags=["scans"])

    def station_of(who: Actor, name: str) -> Station:
        station = parts.stations_store.find(name)
        who.must_be_at(station.name)
        return station

    def shown(station: Station) -> Json:
        printer = "" if station.printer is None else printer_name(parts, station.printer)
        return view(parts.database.reader(), parts.stations.tools, station, printer)

    @router.post("/v1/scans", dependencies=[needs("scan")], summary="Scan something")
    async def post_scan(body: JsonObject, who: Who) -> Response:
        """`code` as the scanner gave it, with `aim` (its symbology identifier, `]C1`) if that is
        known. With a `station` it acts as its mode says, and the answer has the station's `view`;
        without one it is looked up. `source` and `sequence` name the scan: sent again, it is not
        done again, and gets the same answer. A scan that is refused is an answer, too: look at
        `outcome` (`done`, `look`, `refused`, `asked`)."""
        heard = _heard(body, who)
        name = text_given(body, "station", most=80)
        station = station_of(who, name) if name else None
        if station is not None:
            heard = _at(heard, station)
        parts.space.check()
        taken = await parts.database.write(parts.stations.work(heard))
        taken.log(heard.actor)
        said: Json = {**taken.answer, "replayed": taken.replayed}
        said["view"] = None if station is None else shown(station)
        return answer(said)

    @router.post("/v1/scans/resolve", dependencies=[needs("read")],
                 summary="Explain what a code would mean")  # fmt: skip
    async def resolve_scan(body: JsonObject, who: Who) -> Response:
        """Every step by which the meaning was found, all candidates, and which of them a station
        would take. Changes nothing, and writes nothing down."""
        refuse_unknown(body, ("code", "aim", "station", "identifiers"), "A code to explain")
        code, aim = _code(body), text_given(body, "aim", most=3)
        name = text_given(body, "station", most=80)
        station = station_of(who, name) if name else None
        reader = parts.database.reader()
        identifiers = flag_given(body, "identifiers")
        return answer(
            resolving.explain(reader, parts.stations, station, code, aim, identifiers=identifiers)
        )

    @router.get("/v1/scans", dependencies=[needs("read")], summary="List scans, newest first")
    async def list_scans(
        station: str | None = None,
        scanner: str | None = None,
        outcome: Annotated[str, Query(description="`done`, `look`, `refused` or `asked`.")] = "",
        operator: Annotated[str, Query(description="Who was signed in, by name.")] = "",
        day: Annotated[str, Query(description="`2026-03-31`, by the site's clock.")] = "",
        after: Annotated[int | None, Query(ge=1)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Response:
        if outcome and outcome not in list(Outcome):
            raise InputRefused(
                f"A scan ends {', '.join(Outcome)}, never {outcome[:40]!r}.", key="outcome"
            )
        since, until = _day(day, parts.zone()) if day else (None, None)
        wanted = scans.Wanted(
            parts.stations_store.find(station).id if station else None,
            parts.scanners.find(scanner).id if scanner else None,
            outcome, operator, since, until,
        )  # fmt: skip
        rows = scans.list_scans(parts.database, wanted, after, limit + 1)
        more = len(rows) > limit
        return answer({
            "items": [_show(row) for row in rows[:limit]],
            "next": rows[limit - 1].id if more else None,
        })  # fmt: skip

    @router.get("/v1/scans/{number}", dependencies=[needs("read")], summary="A scan and its bytes")
    async def get_scan(number: Annotated[int, Path(ge=1, le=2**53)]) -> Response:
        """`bytes` are what came, framing included, in hexadecimal; of a scanner that types they are
        its keys, and `keys` is true. Of a PIN nothing is kept."""
        found = scans.get_scan(parts.database, number)
        if found is None:
            raise Unknown(f"There is no scan {number}; old ones are deleted in time.", scan=number)
        row, raw = found
        known = next((one for one in parts.scanners.all() if one.name == row.scanner), None)
        return answer(
            {**_show(row), "bytes": raw.hex(), "keys": known is not None and is_wedge(known)}
        )

    @router.get("/v1/stations/{name}/session", dependencies=[needs("scan")],
                summary="What a station is in the middle of")  # fmt: skip
    async def get_session(name: str, who: Who) -> Response:
        return answer(shown(station_of(who, name)))

    return router


def printer_name(parts: Parts, number: int) -> str:
    """Return the name of a printer or pool; empty when it is no more."""
    known = {printer.id: printer.name for printer in parts.printers.all()}
    return known.get(number) or next(
        (pool.name for pool in parts.pools.all() if pool.id == number), ""
    )


def _code(body: dict[str, Any]) -> str:
    code = body.get("code")
    if not isinstance(code, str) or len(code) > LONGEST_CODE:
        raise InputRefused(
            f"'code' must be a text of at most {LONGEST} characters, got {say(code)}.", key="code"
        )
    return code


def _heard(body: dict[str, Any], who: Actor) -> Heard:
    refuse_unknown(body, KEYS, "A scan")
    code = _code(body)
    sequence = whole_given(body, "sequence", 0, 2**53)
    source = text_given(body, "source", most=80)
    if sequence is not None and not source:
        raise InputRefused(
            "A 'sequence' needs a 'source': the name of what counts it, as a page's id.",
            key="source",
        )
    return Heard(
        code, text_given(body, "aim", most=3), code.encode("utf-8", "surrogatepass"),
        source=source, sequence=sequence, actor=who.name, may=who.may,
        typed=flag_given(body, "typed"), at=moment_given(body, "at"),
    )  # fmt: skip


def _at(heard: Heard, station: Station) -> Heard:
    return replace(heard, station=station.id)


def _day(text: str, zone: str) -> tuple[int, int]:
    """Return when a day of the site begins and ends, in µs UTC.

    >>> begins, ends = _day("2026-03-29", "Europe/Berlin")
    >>> (ends - begins) // 3_600_000_000  # the clocks go forward
    23

    Raises:
        InputRefused: there is no such day.
    """
    try:
        first = date.fromisoformat(text)
        ends = [
            datetime.combine(one, time.min, ZoneInfo(zone))
            for one in (first, first + timedelta(days=1))
        ]
        return int(ends[0].timestamp()) * 1_000_000, int(ends[1].timestamp()) * 1_000_000
    except (ValueError, OverflowError):
        raise InputRefused(
            f"'day' must be a day such as 2026-03-31, got {say(text)}.", key="day"
        ) from None


def _show(row: scans.ScanRow) -> Json:
    return {
        "id": row.id, "at": rfc3339(row.at), "station": row.station, "scanner": row.scanner,
        "source": row.source, "sequence": row.sequence, "code": row.code, "aim": row.aim,
        "outcome": row.outcome, "refusal": row.refusal, "subject": row.subject,
        "event": row.event, "operator": row.operator, "actor": row.actor,
        "sentence": row.sentence,
    }  # fmt: skip
