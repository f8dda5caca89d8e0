"""A gateway with something of everything on it, and the address of each of its pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from gateway.api.access import every_route
from gateway.console.fields import SCOPE_WORDS
from gateway.jobs import Event
from gateway.ledger import Step

if TYPE_CHECKING:
    from tests.conftest import Daemon

Names = dict[str, list[str]]

NO_PAGES: Mapping[str, str] = {
    "/documents/{type}": "leads to the list",
    "/documents/{type}/{number}/lines/{line}/add": "leads to the line",
    "/editor": "leads to the label worked on last",
    "/editor/files/{name}": "what the editor is made of",
    "/favicon.ico": "leads to the picture",
    "/import/template/{what}.csv": "a table",
    "/items/{sku}/label.png": "a picture",
    "/lists/{name}.{kind}": "a table",
    "/offers/{kind}": "what a field offers",
    "/serials/{id}/label.png": "a picture",
    "/station/{name}/view": "what is shown live of a station",
    "/stations/pair.svg": "a picture",
    "/static/{name}": "what pages are shown with",
    "/viewer": "leads to the printers",
    "/templates/new/picture.png": "a picture",
    "/{path:path}": "everything else: it is not there",
}
"""Routes that answer no page, and what they answer."""

PAGES: Mapping[str, tuple[str, ...]] = {
    "/": ("/",),
    "/backups": ("/backups",),
    "/backups/{name}": ("/backups/{backup}",),
    "/calibration": ("/calibration",),
    "/documents": ("/documents", "/documents?type=sales_order", "/documents?q=nothing-like-it"),
    "/documents/new/{type}": ("/documents/new/{type}",),
    "/documents/{type}/{number}": ("/documents/{document}",),
    "/documents/{type}/{number}/edit": ("/documents/{editable}/edit",),
    "/documents/{type}/{number}/lines/{line}": ("/documents/{document}/lines/1",),
    "/documents/{type}/{number}/step/{verb}": ("/documents/{step}",),
    "/editor/{name}": ("/editor/serial-label",),
    "/examples": ("/examples",),
    "/feed": ("/feed", "/feed?kind=job"),
    "/fields": ("/fields",),
    "/fields/{scope}": ("/fields/{scope}",),
    "/fields/{scope}/{key}": ("/fields/serial/{field}",),
    "/find": ("/find", "/find?q=EX", "/find?q=nothing-like-it"),
    "/health": ("/health",),
    "/import": ("/import", "/import?what=serials"),
    "/import/{id}": ("/import/{table}", "/import/{table}?what=items"),
    "/items": ("/items", "/items?q=nothing-like-it"),
    "/items/{sku}": ("/items/{item}",),
    "/items/{sku}/{tab}": tuple(
        f"/items/{{item}}/{tab}"
        for tab in ("details", "labels", "lots", "movements", "serials", "stock", "tracking")
    ),
    "/jobs": ("/jobs", "/jobs?state=failed"),
    "/jobs/{job}": ("/jobs/{job}",),
    "/keys": ("/keys",),
    "/labels/{label}": ("/labels/{label}",),
    "/location-series": ("/location-series?first=A-01-01&last=A-01-20&kind=bin",),
    "/locations": ("/locations",),
    "/locations/{code}": ("/locations/{location}",),
    "/locations/{code}/serials": ("/locations/{location}/serials",),
    "/locations/{code}/stock": ("/locations/{location}/stock",),
    "/lots": ("/lots",),
    "/lots/{id}": ("/lots/{lot}",),
    "/lots/{id}/serials": ("/lots/{lot}/serials",),
    "/pair": ("/pair",),
    "/parties": ("/parties",),
    "/parties/{code}": ("/parties/{party}",),
    "/parties/{code}/documents": ("/parties/{party}/documents",),
    "/parties/{code}/serials": ("/parties/{party}/serials",),
    "/people": ("/people",),
    "/people/sheet": ("/people/sheet", "/people/sheet?badges={badge}"),
    "/people/{badge}": ("/people/{badge}",),
    "/plots": ("/plots", "/plots?period=7d"),
    "/pools": ("/pools",),
    "/pools/{name}": ("/pools/{pool}",),
    "/pools/{name}/delete": ("/pools/{pool}/delete",),
    "/printers": ("/printers",),
    "/printers/add": ("/printers/add",),
    "/printers/add/device": ("/printers/add/device?url=tcp://127.0.0.1:9",),
    "/printers/add/found": (),
    "/printers/{name}": ("/printers/{printer}",),
    "/printers/{name}/align": ("/printers/{printer}/align", "/printers/{printer}/align?new=1"),
    "/printers/{name}/delete": ("/printers/{printer}/delete",),
    "/printers/{name}/replace": ("/printers/{printer}/replace",),
    "/printers/{name}/settings": ("/printers/{printer}/settings",),
    "/printers/{name}/stock": ("/printers/{printer}/stock", "/printers/{printer}/stock?new=1"),
    "/printers/{name}/test": ("/printers/{printer}/test", "/printers/{printer}/test?new=1"),
    "/questions": ("/questions", "/questions?printer=doubtful"),
    "/recall": ("/recall", "/recall?item=EX-DRILL", "/recall?item=nothing-like-it"),
    "/reports": ("/reports",),
    "/reports/{report}": ("/reports/{report}", "/reports/stock_levels?item=EX-DRILL"),
    "/scanners": ("/scanners",),
    "/scanners/add": ("/scanners/add",),
    "/scanners/sheet": ("/scanners/sheet",),
    "/scanners/test": ("/scanners/test",),
    "/scanners/{name}": ("/scanners/{scanner}",),
    "/scanners/{name}/test": ("/scanners/{scanner}/test",),
    "/scans": ("/scans",),
    "/scans/{number}": ("/scans/{scan}",),
    "/serials": ("/serials", "/serials?item=EX-DRILL&state=received"),
    "/serials/{id}": (
        "/serials/{serial}", "/serials/{serial}?tab=parts", "/serials/{serial}?tab=labels",
    ),
    "/settings": ("/settings",),
    "/sign-in": ("/sign-in",),
    "/start": ("/start",),
    "/station/{name}": ("/station/{station}",),
    "/station/{name}/sheet": ("/station/{station}/sheet",),
    "/stations": ("/stations",),
    "/stations/{name}": ("/stations/{station}",),
    "/stations/{name}/pair": ("/stations/{station}/pair",),
    "/stock": ("/stock",),
    "/stocktakes": ("/stocktakes",),
    "/stocktakes/new": ("/stocktakes/new",),
    "/stocktakes/{number}": ("/stocktakes/{stocktake}",),
    "/stocktakes/{number}/differences": ("/stocktakes/{counting}/differences",),
    "/templates": ("/templates", "/templates?q=EX-0001", "/templates?q=nothing-like-it"),
    "/templates/new": (
        "/templates/new", "/templates/new?printer=-", "/templates/new?printer=-&q=brother",
        "/templates/new?printer=-&stock=brother-dk-22205", "/templates/new?printer=-&stock=100x50",
    ),
    "/templates/{name}/batch": (
        "/templates/serial/batch", "/templates/serial/batch?about=serial",
        "/templates/serial/batch?table={table}",
    ),
    "/templates/{name}/batch/{id}": ("/templates/serial/batch/{batch}",),
    "/templates/{name}/print": (
        "/templates/serial-label/print", "/templates/serial-label/print?record=EX-0001",
        "/templates/item-label/print?record=EX", "/templates/shipping-label/print?record=x",
    ),
    "/templates/{name}/versions": (
        "/templates/asset-tag/versions", "/templates/asset-tag/versions?from=1&to=2",
        "/templates/asset-tag/versions?from=2&to=draft",
    ),
    "/webhooks": ("/webhooks",),
    "/webhooks/{name}": ("/webhooks/{webhook}",),
    "/works": ("/works",),
    "/works/{id}": ("/works/{work}",),
}  # fmt: skip
"""Each route of a page -> where it is looked at; ``{names}`` are those of the warehouse."""


def routes(daemon: Daemon) -> set[str]:
    """Return the paths of all pages that can be asked for."""
    pages = daemon.gateway.app.state.pages.router.routes
    return {
        str(getattr(route, "path", ""))
        for route in every_route(pages)
        if "GET" in (getattr(route, "methods", None) or ())
    }


@dataclass(slots=True)
class Warehouse:
    """What there is on the gateway, by kind."""

    web: httpx.Client
    names: Names = field(default_factory=dict)

    def addresses(self) -> list[str]:
        """Return the address of every page, of each thing that there is."""
        return [one for shapes in PAGES.values() for shape in shapes for one in self._of(shape)]

    def some(self) -> list[str]:
        """Return one address of every kind of page."""
        return [
            found[0] for shapes in PAGES.values() for shape in shapes if (found := self._of(shape))
        ]

    def kinds(self) -> list[str]:
        """Return one address of every route."""
        return [found[0] for shapes in PAGES.values() if shapes and (found := self._of(shapes[0]))]

    def _of(self, shape: str) -> list[str]:
        if "{" not in shape:
            return [shape]
        kind = shape.partition("{")[2].partition("}")[0]
        return [shape.replace(f"{{{kind}}}", name) for name in self.names[kind]]

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Return what the API answers; it must not refuse."""
        given = {"json": body} if isinstance(body, dict) else {"content": body}
        answer = self.web.request(method, f"/v1{path}", **given, **more)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else None

    def all(self, path: str, key: str) -> list[str]:
        """Return what names each of a list."""
        return [str(row[key]) for row in self.ask("GET", path)["items"]]


def fill(daemon: Daemon, web: httpx.Client) -> Warehouse:
    """Put something of everything on a new gateway."""
    house = Warehouse(web)
    put, post = _putting(house), _posting(house)
    post("/examples", {})
    custom = {"label": "Grade", "type": "choice", "choices": ["A", "B"]}
    put("/fields/serial/grade", custom)
    put("/fields/party/phone", {"label": "Phone", "type": "text"})
    put("/items/EX-KIT", {"name": "Drill with screws", "kind": "kit",
                          "members": [{"item": "EX-DRILL", "quantity": 1}]})  # fmt: skip
    put("/operators/B-7", {"name": "Ann Example", "pin": "4711"})
    put("/stations/dock", {"title": "Dock 1", "location": "EX-A-01", "printer": "zebra"})
    put("/scanners/left", {"url": "virtual:", "station": "dock"})
    for code in ("EX-0001", "GW-S000", "\x1d21A\tB"):
        post("/scans", {"code": code, "station": "dock"})
    put("/webhooks/erp", {"url": "http://127.0.0.1:9/hook", "kinds": ["job"], "active": False})
    post("/keys", {"name": "erp", "scopes": ["read", "print"]})
    put("/pools/hall", {"members": ["zebra"]})
    _print(daemon, house)
    _label_versions(house)
    _orders(house)
    table = post("/tables", b"sku,name\nEX-NEW,New one\n,Nameless\n", params={"name": "new.csv"})
    post(f"/tables/{table['id']}/import", {"what": "items", "dry_run": True,
                                           "columns": {"sku": "sku", "name": "name"}})  # fmt: skip
    source = {"table": table["id"], "columns": {"serial": "sku", "name": "name"}}
    batch = post("/templates/serial/batch?dry_run=1", {"printer": "zebra", "source": source})
    daemon.gateway.parts.works.wait(int(batch["work"]["id"]), 60)
    backup = post("/backups", None)
    daemon.gateway.parts.works.wait(int(backup["work"]), 60)
    view = {"query": "tracking=serial"}
    put("/views/items/With%20serials", view)
    house.names = _names(house) | {"table": [table["id"]], "batch": [batch["id"]]}
    return house


def _putting(house: Warehouse) -> Any:
    return lambda path, body: house.ask("PUT", path, body)


def _posting(house: Warehouse) -> Any:
    return lambda path, body, **more: house.ask("POST", path, body, **more)


def _print(daemon: Daemon, house: Warehouse) -> None:
    """A job on paper, one on hold, and one whose label is in doubt."""
    put, post = _putting(house), _posting(house)
    job = {"printer": "zebra", "template": "serial-label", "labels": [{"serial": "SN-1"}]}
    done = post("/jobs", job | {"title": "Monday's drills"})["id"]
    assert house.ask("GET", f"/jobs/{done}?wait=60")["state"] == "done"
    post("/jobs", job | {"hold": True})
    media = {"width": 100_000, "height": 50_000}
    put("/printers/doubtful", {"url": "tcp://127.0.0.1:9", "media": media})
    post("/printers/doubtful/pause", None)
    post("/jobs", job | {"printer": "doubtful"})
    parts = daemon.gateway.parts
    printer, label = parts.printers.find("doubtful").id, 3
    parts.jobs.record(printer, [Step(label, Event.CLAIM, marker="M", counter_before=7)])
    parts.jobs.record(printer, [Step(label, Event.DOUBT, because="The printer lost power.")])


def _label_versions(house: Warehouse) -> None:
    """A label with a version of its own, and a draft."""
    path = "/templates/asset-tag"
    document = house.ask("GET", path)["document"]
    document["elements"] = document["elements"][:-1]
    house.ask("PUT", f"{path}?note=simpler", document)
    house.ask("PUT", f"{path}/draft", document | {"elements": document["elements"][:-1]})


def _orders(house: Warehouse) -> None:
    """A document of every type, a stocktake that goes on, and one that has ended."""
    post = _posting(house)
    drill, screw = {"item": "EX-DRILL", "quantity": 2}, {"item": "EX-SCREW", "quantity": 10}
    bodies: Mapping[str, dict[str, Any]] = {
        "purchase_order": {"party": "EX-SUPPLIER", "lines": [drill, screw]},
        "receipt": {"party": "EX-SUPPLIER", "lines": [screw]},
        "sales_order": {"party": "EX-CUSTOMER", "lines": [drill]},
        "shipment": {"party": "EX-CUSTOMER", "lines": [screw]},
        "invoice": {"party": "EX-CUSTOMER", "lines": [screw]},
        "customer_return": {"party": "EX-CUSTOMER", "lines": [drill]},
        "supplier_return": {"party": "EX-SUPPLIER", "lines": [drill]},
        "work_order": {"lines": [{"item": "EX-DRILL", "quantity": 1}]},
        "transfer": {"from": "EX-A-01", "to": "EX-SITE", "lines": [drill]},
        "write_off": {"from": "EX-A-01", "lines": [screw], "reason": "damaged"},
        "stocktake": {"from": "EX-A-01", "lines": []},
        "adjustment": {"from": "EX-A-01", "lines": [screw]},
        "case": {"party": "EX-CUSTOMER", "lines": [drill]},
    }
    for kind, body in bodies.items():
        post(f"/documents/{kind}", body)
        number = post(f"/documents/{kind}", body)["number"]
        document = house.ask("GET", f"/documents/{kind}/{number}")
        for verb in ("confirm", "start"):
            if verb in document["allowed"] and document["status"] == "draft":
                post(f"/documents/{kind}/{number}/{verb}", {})
                break
        if kind == "shipment":
            one = {"lines": [{"line": 1, "quantity": 1}]}
            post(f"/documents/{kind}/{number}/pick", one)


def _names(house: Warehouse) -> Names:
    documents = house.ask("GET", "/documents?limit=200")["items"]
    others = [one for one in documents if one["type"] != "stocktake"]
    stocktakes = [one for one in documents if one["type"] == "stocktake"]
    events = house.ask("GET", "/registry/events?limit=200")["items"]
    picked = {one["document"]["number"] for one in events if one["action"] == "pick"}
    return {
        "backup": house.all("/backups", "name")[:1],
        "badge": house.all("/operators", "badge"),
        "counting": [one["number"] for one in stocktakes if one["status"] == "in_progress"],
        "document": [f"{one['type']}/{one['number']}" for one in others],
        "editable": [f"{one['type']}/{one['number']}" for one in others],
        "field": house.all("/fields/serial", "key"),
        "item": house.all("/items", "sku"),
        "job": house.all("/jobs", "id"),
        "label": ["L1", "L2", "L3"],
        "location": house.all("/locations", "code"),
        "lot": house.all("/lots", "id"),
        "party": house.all("/parties", "code"),
        "pool": ["hall"],
        "printer": house.all("/printers", "name"),
        "report": house.all("/reports", "id"),
        "scan": house.all("/scans", "id")[:3],
        "scanner": ["left"],
        "scope": list(SCOPE_WORDS),
        "serial": house.all("/serials?limit=2", "id"),
        "station": ["dock"],
        "step": [
            f"{one['type']}/{one['number']}/step/{verb}"
            for one in others
            for verb in one["allowed"]
            if verb != "unpick" or one["number"] in picked  # offered once something is picked
        ],
        "stocktake": [one["number"] for one in stocktakes],
        "type": sorted({one["type"] for one in others}),
        "webhook": ["erp"],
        "work": house.all("/works", "id"),
    }


def opened(daemon: Daemon) -> Iterator[Warehouse]:
    """Yield a filled gateway with a client on it."""
    with httpx.Client(base_url=daemon.url, trust_env=False, timeout=60) as web:
        yield fill(daemon, web)
