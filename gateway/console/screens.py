"""All screens there are: one line for each module of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fastapi import APIRouter

from gateway.api.parts import Parts
from gateway.console.backups import backup_pages
from gateway.console.batches import batch_pages
from gateway.console.calibration import calibration_pages
from gateway.console.documents import document_pages
from gateway.console.doing import doing_routes
from gateway.console.examples import example_pages
from gateway.console.feed import feed_pages
from gateway.console.fields import field_pages
from gateway.console.files import file_routes
from gateway.console.finding import finding_pages
from gateway.console.frame import Frame
from gateway.console.health import health_pages
from gateway.console.importing import importing_pages
from gateway.console.items import item_pages
from gateway.console.jobs import job_pages
from gateway.console.keys import key_pages
from gateway.console.labels_home import labels_home_pages
from gateway.console.labels_new import labels_new_pages
from gateway.console.labels_print import labels_print_pages
from gateway.console.lines import line_pages
from gateway.console.lists import list_routes
from gateway.console.locations import location_pages
from gateway.console.lost import lost_pages
from gateway.console.lots import lot_pages
from gateway.console.offering import offering_pages
from gateway.console.parties import party_pages
from gateway.console.people import people_pages
from gateway.console.plots import plot_pages
from gateway.console.printers import printer_pages
from gateway.console.recall import recall_pages
from gateway.console.reports import report_pages
from gateway.console.scanners import scanner_pages
from gateway.console.scans import scan_pages
from gateway.console.serial_card import card_pages
from gateway.console.serials import serial_pages
from gateway.console.settings import settings_pages
from gateway.console.sign_in import sign_in_routes
from gateway.console.start import start_pages
from gateway.console.station import station_pages
from gateway.console.stations import stations_pages
from gateway.console.stock import stock_pages
from gateway.console.stocktakes import stocktake_pages
from gateway.console.today import today_pages
from gateway.console.versions import version_pages
from gateway.console.webhooks import webhook_pages
from gateway.console.works import work_pages


def screens(parts: Parts, *others: Callable[[Frame], APIRouter]) -> Iterator[APIRouter]:
    """Yield the routes of all screens, and of ``others`` that have the same frame."""
    frame = Frame(parts)
    for pages in others:
        yield pages(frame)
    yield file_routes()
    yield sign_in_routes(frame, parts)
    yield doing_routes(frame)
    yield list_routes(frame)
    yield today_pages(frame)
    yield feed_pages(frame)
    yield plot_pages(frame)
    yield key_pages(frame)
    yield printer_pages(frame)
    yield job_pages(frame)
    yield labels_home_pages(frame)
    yield labels_new_pages(frame)
    yield labels_print_pages(frame)
    yield version_pages(frame)
    yield finding_pages(frame)
    yield offering_pages(frame)
    yield serial_pages(frame)
    yield card_pages(frame)
    yield recall_pages(frame)
    yield item_pages(frame)
    yield stock_pages(frame)
    yield lot_pages(frame)
    yield report_pages(frame)
    yield work_pages(frame)
    yield batch_pages(frame)
    yield importing_pages(frame)
    yield party_pages(frame)
    yield location_pages(frame)
    yield field_pages(frame)
    yield example_pages(frame)
    yield start_pages(frame)
    yield webhook_pages(frame)
    yield settings_pages(frame)
    yield health_pages(frame)
    yield backup_pages(frame)
    yield document_pages(frame)
    yield line_pages(frame)
    yield stocktake_pages(frame)
    yield stations_pages(frame)
    yield people_pages(frame)
    yield scanner_pages(frame)
    yield scan_pages(frame)
    yield station_pages(parts)
    yield calibration_pages()
    yield lost_pages(frame)
