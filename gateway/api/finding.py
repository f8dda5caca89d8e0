"""Finding printers and asking them who they are: offers, from which a person chooses.

Nothing here adds a printer. A device that is set up has an owner, its printer's thread: it is
shown with the printer's name, and no second connection is opened to it.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from fastapi import APIRouter, Response

from gateway.api.access import needs
from gateway.api.changes import JsonObject
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.api.showing import Json, answer, listed
from gateway.drivers.finding import TIMEOUT, Found, Search, find_printers
from gateway.drivers.identifying import Proposal, identify, recall
from gateway.errors import GatewayError, InputRefused, PrinterRefused, TooMany
from gateway.printers import Printer
from gateway.units import format_density

LEAST, MOST = 0.5, 30.0
"""Seconds a search may take."""

LONGEST = 300
"""Characters of an address or a URL."""

AGAIN_AFTER = 5
"""Seconds after which a search that had to step back may be tried again."""

T = TypeVar("T")


def finding_routes(parts: Parts) -> APIRouter:
    """Return the routes by which printers are found and asked."""
    router = APIRouter(prefix="/v1/printers", tags=["printers"])
    looking = asyncio.Lock()

    async def alone(work: Callable[[], T]) -> T:
        """Do the work on a thread of its own; one search at a time is enough for anybody."""
        if looking.locked():
            raise TooMany(
                f"Another search for printers is running; try again in {AGAIN_AFTER} seconds.",
                retry_after=AGAIN_AFTER,
            )
        async with looking:
            return await apart(work)

    @router.post("/find", dependencies=[needs("admin")], summary="Look for printers")
    async def find(body: JsonObject) -> Response:
        """USB by class, serial ports, the network by mDNS, this computer's print queues, and an
        `address` if one is named. What is found is offered, never added. `says` holds a device's
        own words: show them, trust nothing in them."""
        refuse_unknown(body, ("timeout", "address"), "A search")
        timeout, address = _seconds(body.get("timeout")), _text(body, "address")
        known = {key_of(printer.url): printer for printer in parts.printers.all()}
        held = frozenset(printer.url for printer in known.values())
        search = await alone(lambda: find_printers(timeout, address, held=held))
        return answer(show_search(search, known))

    @router.post("/identify", dependencies=[needs("admin")], summary="Ask a device who it is")
    async def ask(body: JsonObject) -> Response:
        """Asks by questions that no printer prints, and proposes language, density, model and
        stock. `settings` is a body for `PUT /v1/printers/{name}`; `missing` names what is still to
        be said in it."""
        from gateway.drivers.transports import check_url

        refuse_unknown(body, ("url", "language"), "A question")
        url, language = _text(body, "url"), _text(body, "language")
        if url is None:
            raise PrinterRefused(
                "Say which device is meant: 'url' is missing, such as tcp://10.0.0.7:9100.",
                key="url",
            )
        wanted = key_of(check_url(url))
        for printer in parts.printers.all():
            if key_of(printer.url) == wanted:
                told = await parts.away(lambda: parts.jobs.learned(printer.id))  # noqa: B023
                return answer(show_proposal(recall(printer, told)))
        return answer(show_proposal(await alone(lambda: identify(url, language))))

    return router


async def apart(work: Callable[[], T]) -> T:
    """Do work on a thread that nobody waits for when the gateway stops.

    Not on the pool, because drawing must not wait for a network; not on the loop's own threads,
    because the process would end only after the slowest device.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():  # the caller has left
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(cast(T, result))

    def run() -> None:
        result: T | None = None
        failure: BaseException | None = None
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - a thread's edge: raised where it is awaited
            failure = error
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, name="finding", daemon=True).start()
    return await done


def _seconds(value: object) -> float:
    if value is None:
        return TIMEOUT
    if isinstance(value, int | float) and not isinstance(value, bool) and LEAST <= value <= MOST:
        return float(value)
    raise InputRefused(
        f"'timeout' must be a number of seconds from {LEAST:g} to {MOST:g}, got {say(value)}.",
        key="timeout",
    )


def _text(body: Mapping[str, Any], key: str) -> str | None:
    value = body.get(key)
    if value is None or (isinstance(value, str) and 0 < len(value) <= LONGEST):
        return value
    raise InputRefused(
        f"{key!r} must be a text of 1 to {LONGEST} characters, got {say(value)}.", key=key
    )


def key_of(url: str) -> str:
    """Return what is the same for all checked URLs of one device: not how its line is set.

    >>> key_of("usblp://0a5f:0164/D2J1") == key_of("usb://0a5f:0164/D2J1?zlp=1")
    True
    >>> key_of("serial:///dev/ttyUSB0?baud=9600")
    'serial:///dev/ttyUSB0'
    """
    scheme, _, rest = url.partition("://")
    return f"{'usb' if scheme == 'usblp' else scheme}://{rest.partition('?')[0]}"


def show_search(search: Search, known: Mapping[str, Printer]) -> Json:
    """Return what was found, each with the name of the printer that it is already, if any."""
    page = listed([_show_found(found, known) for found in search.found])
    page["troubles"] = [
        {"finder": trouble.finder, "sentence": trouble.sentence} for trouble in search.troubles
    ]
    return page


def _show_found(found: Found, known: Mapping[str, Printer]) -> Json:
    urls = [found.url, *found.others]
    printer = next((known[key] for key in map(key_of, urls) if key in known), None)
    return {
        "url": found.url or None,
        "via": found.via,
        "what": found.what,
        "says": {
            "manufacturer": found.manufacturer,
            "model": found.model,
            "serial": found.serial,
        },
        "language": found.language or None,
        "model": found.row or None,
        "problem": found.problem or None,
        "printer": None if printer is None else printer.name,
    }


def show_proposal(proposal: Proposal) -> Json:
    """Return a proposal, with the settings that follow from it and what is missing in them."""
    settings, missing = settings_of(proposal)
    return {
        "url": proposal.url,
        "sentence": proposal.sentence,
        "sure": proposal.sure,
        "language": proposal.language or None,
        "density": None if proposal.density is None else format_density(proposal.density),
        "model": None if proposal.model is None else proposal.model.name,
        "media": _media(proposal),
        "tracking": proposal.tracking,
        "says": dict(proposal.said),
        "printer": proposal.printer or None,
        "settings": settings,
        "missing": missing,
    }


def _media(proposal: Proposal) -> Json | None:
    if proposal.media is None:
        return None
    return {"width": proposal.media.width, "height": proposal.media.height}


def settings_of(proposal: Proposal) -> tuple[Json, list[str]]:
    """Return what ``PUT /v1/printers/{name}`` would take, and what is missing in it."""
    from gateway.drivers.languages import load_language

    settings: Json = {"url": proposal.url}
    missing: list[str] = []
    try:
        prints = bool(proposal.language) and load_language(proposal.language).split is not None
    except GatewayError:  # it speaks what this gateway does not
        prints = False
    if prints:
        settings["language"] = proposal.language
    else:
        missing.append("language")
    if proposal.density is None:
        missing.append("density")
    else:
        settings["density"] = format_density(proposal.density)
    model = proposal.model
    if (
        prints
        and model
        and (model.language, model.density)
        == (
            proposal.language,
            proposal.density,
        )
    ):
        settings["model"] = model.name
    if (media := _media(proposal)) is None:
        missing.append("media")
    else:
        settings["media"] = media
    return settings, missing
