"""The HTTP application and its server: all routes behind one gate, loaded last.

Importing FastAPI and uvicorn takes longer than opening the database and starting every printer, so
``gateway.app`` imports this module when the printers already print.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from functools import cached_property
from types import FrameType

import uvicorn
from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute

from gateway import __version__
from gateway.api.accept import accept_route
from gateway.api.access import undeclared
from gateway.api.assets import asset_routes
from gateway.api.backups import backup_routes
from gateway.api.batches import batch_routes
from gateway.api.beginnings import beginning_routes
from gateway.api.checking import check_routes
from gateway.api.codes import code_routes
from gateway.api.command_sheets import command_sheet_routes
from gateway.api.connection import Connection
from gateway.api.doctor import doctor_routes
from gateway.api.drafts import draft_routes
from gateway.api.events import events_route
from gateway.api.feed import feed_routes
from gateway.api.figures import figure_routes
from gateway.api.finding import finding_routes
from gateway.api.health import health_routes
from gateway.api.jobs import job_routes
from gateway.api.keys import key_routes
from gateway.api.label_files import label_file_routes
from gateway.api.label_pictures import label_picture_routes
from gateway.api.label_stocks import label_stock_routes
from gateway.api.labels import label_routes
from gateway.api.live import Live
from gateway.api.models import model_routes
from gateway.api.pages import page_routes
from gateway.api.pairing import pairing_routes
from gateway.api.parts import Parts
from gateway.api.pools import pool_routes
from gateway.api.printers import printer_routes
from gateway.api.records import record_choice_routes
from gateway.api.refusals import add_refusals
from gateway.api.registry.kept_tables import KeptTables
from gateway.api.registry.routes import registry_routes
from gateway.api.registry.tables import table_routes
from gateway.api.relocation import relocation_routes
from gateway.api.scanners import scanner_routes
from gateway.api.scans import scan_routes
from gateway.api.security import Gate, Receive, Scope, Send
from gateway.api.setting_up import setting_up_routes
from gateway.api.sheets import sheet_routes
from gateway.api.socket import socket_route
from gateway.api.stations import station_routes
from gateway.api.templates import template_routes
from gateway.api.tiles import tile_routes
from gateway.api.views import view_routes
from gateway.api.webhooks import webhook_routes
from gateway.api.works import work_routes
from gateway.config import Settings

STOPS_WITHIN = 3
"""Seconds a request may still take once the gateway was told to stop."""

MOST_CONNECTIONS = 2000
"""Requests at once before the server answers 503: each costs a socket and some kilobytes."""


PING_EVERY = 20.0
"""Seconds between two pings of a socket, and those it has to answer one."""

LONGEST_MESSAGE = 4096
"""Bytes a socket's listener may send: it has nothing to say."""


def create_app(parts: Parts, pages: Callable[[], Iterable[APIRouter]] = tuple) -> FastAPI:
    """Return the application with all its routes and those of ``pages``, behind its gate.

    The pages' routes are made when the first page is asked for: a gateway that only prints never
    has them in memory.
    """

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        parts.live.open()
        try:
            yield
        finally:
            parts.live.close()

    app = FastAPI(
        title="label-gateway",
        version=__version__,
        lifespan=life,
        openapi_url=None,  # served by a route of ours, which declares a scope as all do
        docs_url=None,  # they load scripts from elsewhere
        redoc_url=None,
        # Nothing is reported to anybody, and looking each time whether it should be costs time.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    accept, tables = accept_route(parts), KeptTables()
    app.router.routes += [accept, events_route(parts.live), socket_route(parts.live)]
    for router in (
        job_routes(parts),
        label_routes(parts),
        setting_up_routes(parts),
        finding_routes(parts),
        printer_routes(parts),
        pool_routes(parts),
        model_routes(),
        template_routes(parts),
        label_file_routes(parts),
        draft_routes(parts),
        label_picture_routes(parts),
        label_stock_routes(parts),
        beginning_routes(parts),
        tile_routes(parts),
        record_choice_routes(parts),
        code_routes(),
        check_routes(parts, tables),
        batch_routes(parts, tables),
        sheet_routes(parts),
        asset_routes(parts),
        *registry_routes(parts),
        table_routes(parts, tables),
        scanner_routes(parts),
        station_routes(parts),
        scan_routes(parts),
        command_sheet_routes(parts),
        pairing_routes(parts),
        webhook_routes(parts),
        view_routes(parts),
        feed_routes(parts),
        figure_routes(parts),
        work_routes(parts),
        key_routes(parts),
        backup_routes(parts),
        relocation_routes(parts),
        doctor_routes(parts),
        health_routes(parts),
        page_routes(),
    ):
        app.include_router(router)
    app.state.pages = app.router.default = Pages(pages)
    add_refusals(app)
    app.add_middleware(
        Gate,
        keys=parts.keys,
        settings=parts.settings,
        hosts=parts.hosts,
        origins=parts.origins,
        direct={("POST", accept.path): accept.app},
        moved=parts.moving.sentence,
    )
    if missing := undeclared(app.routes):
        raise AssertionError(f"These routes declare no scope: {', '.join(missing)}.")

    def openapi() -> dict[str, object]:
        from gateway.api.description import describe  # late: only who reads it needs it

        if app.openapi_schema is None:
            app.openapi_schema = describe(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    return app


def routes_of(app: FastAPI) -> list[BaseRoute]:
    """Return every route there is, those of the pages too."""
    return [*app.routes, *app.state.pages.router.routes]


class Pages:
    """The pages' routes, made when the first page is asked for."""

    def __init__(self, make: Callable[[], Iterable[APIRouter]]) -> None:
        self._make = make

    @cached_property
    def router(self) -> APIRouter:
        """All of them.

        Raises:
            AssertionError: a route declares no scope.
        """
        router = APIRouter()
        for pages in self._make():
            router.include_router(pages)
        if missing := undeclared(router.routes):
            raise AssertionError(f"These pages declare no scope: {', '.join(missing)}.")
        return router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.router(scope, receive, send)


class Server(uvicorn.Server):
    """uvicorn, that lets the feed's readers go first and returns when it was told to stop."""

    def __init__(self, config: uvicorn.Config, live: Live, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._live, self._ready = live, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._live.close()  # streams end, and no reader holds up the end
        await super().shutdown(sockets)
        # A reader who never reads keeps what is still to be sent to it, and with it a loop that
        # closes (uvloop waits for the transport).
        for connection in tuple(self.server_state.connections):
            connection.transport.abort()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on a signal and go on after it: uvicorn would raise it once more, and kill us."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        wanted = [signal.SIGINT, signal.SIGTERM]
        if hasattr(signal, "SIGBREAK"):
            wanted.append(signal.SIGBREAK)
        before = {number: signal.signal(number, self._told_to_stop) for number in wanted}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _told_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.handle_exit(number, frame)


def make_server(app: FastAPI, settings: Settings, live: Live, ready: Callable[[], None]) -> Server:
    """Return the server of an application; ``ready`` is called once it answers."""
    config = uvicorn.Config(
        app,
        http=Connection,
        log_config=None,
        access_log=False,
        lifespan="on",
        ws="none",  # ``Connection`` makes a socket's own: nothing of it is loaded before
        ws_ping_interval=PING_EVERY,
        ws_ping_timeout=PING_EVERY,
        ws_max_size=LONGEST_MESSAGE,
        # A scan's answer is shorter than what compressing costs each listener in memory.
        ws_per_message_deflate=False,
        # What a proxy says of the caller is the gate's to judge, not the server's to believe.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=STOPS_WITHIN,
        timeout_keep_alive=75,
        limit_concurrency=MOST_CONNECTIONS,
        ssl_certfile=None if settings.tls_cert is None else str(settings.tls_cert),
        ssl_keyfile=None if settings.tls_key is None else str(settings.tls_key),
    )
    return Server(config, live, ready)
