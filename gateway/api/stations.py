"""Stations: where they stand, what is done there, and which printer and scanners are theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway.api.access import Who, needs
from gateway.api.changes import JsonObject
from gateway.api.etags import IfMatch, IfNoneMatch, etag, seen, version_of
from gateway.api.pairing import revoke_browser
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.api.scanners import show_scanner_status
from gateway.api.showing import Json, after_name, answer, page_of, rfc3339
from gateway.codes.commands import write_command
from gateway.errors import InputRefused
from gateway.scanners.scanner import Scanner
from gateway.stations.modes import MODES
from gateway.stations.station import (
    LONGEST_TITLE,
    OPTIONS,
    Station,
    StationSettings,
    read_modes,
    read_options,
)
from gateway.store.engine import Transaction
from gateway.store.stations import settings_of

KEYS = ("title", "location", "printer", "template", "modes", *OPTIONS, "name")


def station_routes(parts: Parts) -> APIRouter:
    """Return the routes of stations, but for what is scanned there."""
    router = APIRouter(prefix="/v1/stations", tags=["stations"])
    store = parts.stations_store

    def shown(station: Station) -> Json:
        return show_station(parts, station)

    @router.get("", dependencies=[needs("read")], summary="List the stations")
    async def list_stations(
        after: str | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> Response:
        found = after_name(store.all(), after)
        return answer(page_of(found, limit, shown, lambda one: one.name))

    @router.get("/{name}", dependencies=[needs("read")], summary="A station and its scanners")
    async def get_station(name: str) -> Response:
        station = store.find(name)
        return answer(shown(station), headers={"etag": etag(station.version)})

    @router.put("/{name}", dependencies=[needs("admin")], summary="Make or change a station")
    async def put_station(
        name: str,
        body: JsonObject,
        who: Who,
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """What the body leaves out stays as it was; null takes a location, printer or template
        away. `modes` are those that may be used here, [] for all. `name` renames."""
        version = version_of(f"Station {name!r}", seen(if_match, if_none_match))
        was = next((one for one in store.all() if one.name.lower() == name.lower()), None)
        settings = read_station(parts, body, was)
        rename = body.get("name")
        if rename is not None and not isinstance(rename, str):
            raise InputRefused(f"A station's 'name' must be a text, got {say(rename)}.", key="name")

        def work(t: Transaction) -> tuple[Station, bool]:
            station, new = store.put(t, name, settings, who.name, version=version, rename=rename)
            if station.access_key is not None:
                parts.keys.rename_for_station(t, station.access_key, station.name, who.name)
            return station, new

        station, new = await parts.database.write(work)
        headers = {"etag": etag(station.version), "location": f"/v1/stations/{station.name}"}
        return answer(shown(station), 201 if new else 200, headers)

    @router.delete("/{name}", dependencies=[needs("admin")], summary="Delete a station")
    async def delete_station(name: str, who: Who, if_match: IfMatch = None) -> Response:
        """Its browser is locked out and its scanners belong to no station; its scans are kept."""
        version = version_of(f"Station {name!r}", seen(if_match, None))
        number = version if isinstance(version, int) else None

        def work(t: Transaction) -> list[Scanner]:
            station = store.find(name)
            revoke_browser(t, parts, station, who.name)
            store.delete(t, name, who.name, version=number)
            return parts.scanners.free(t, station.id, who.name)

        await parts.database.write(work)
        return Response(status_code=204)

    return router


def show_station(parts: Parts, station: Station) -> Json:
    """Return a station's settings with how its scanners are.

    ``code`` is the barcode that brings whatever scanner reads it to this station.
    """
    key = next((one for one in parts.keys.all() if one.id == station.access_key), None)
    return {
        "name": station.name,
        "title": station.title,
        "location": station.place_code or None,
        "printer": parts.pools.name_of(station.printer) or None,
        "template": station.template or None,
        "modes": list(station.modes),
        **{name: getattr(station.options, name) for name in OPTIONS},
        "paired": key is not None,
        "scanners": [
            {"name": one.name, "status": show_scanner_status(parts.scan_room.status(one.id))}
            for one in parts.scanners.at(station.id)
        ],
        "code": write_command("STATION", str(station.id), parts.registry.signing.sign),
        "version": station.version,
        "created_at": rfc3339(station.created_at),
        "changed_at": rfc3339(station.changed_at),
        "links": {
            "self": f"/v1/stations/{station.name}",
            "session": f"/v1/stations/{station.name}/session",
            "page": f"/station/{station.name}",
        },
    }


def read_station(parts: Parts, body: Mapping[str, object], was: Station | None) -> StationSettings:
    """Return the settings in a body; what it leaves out stays as it was.

    Raises:
        InputRefused: something in it cannot be.
        UnknownPrinter, UnknownTemplate: there is none of that name.
    """
    refuse_unknown(body, KEYS, "A station")
    before = StationSettings() if was is None else settings_of(was)
    printer, template = before.printer, before.template
    title = _text(body, "title", before.title) or ""
    if len(title) > LONGEST_TITLE or not title.isprintable():
        raise InputRefused(
            f"A station's 'title' must be at most {LONGEST_TITLE} printable characters.",
            key="title",
        )
    if "printer" in body:
        name = _text(body, "printer", None)
        printer = None if name is None else parts.pools.target(name).id
    if "template" in body:
        template = _text(body, "template", None) or ""
        if template:
            template = parts.templates.current(template).name
    modes = read_modes(body["modes"], MODES) if "modes" in body else before.modes
    return StationSettings(
        title, _text(body, "location", before.location), printer, template, modes,
        read_options(body, before.options),
    )  # fmt: skip


def _text(body: Mapping[str, object], key: str, before: str | None) -> str | None:
    """Return a text of the body, None where it takes the value away."""
    value = body.get(key, before)
    if value is not None and not isinstance(value, str):
        raise InputRefused(f"A station's {key!r} must be a text, got {say(value)}.", key=key)
    return value.strip() or None if value is not None else None
