"""Health: what is wrong and its cure, and the figures that are asked for when help is needed."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console.asking import Asked
from gateway.console.frame import Frame

PAGES = {
    "printer": "/printers", "labels": "/jobs", "scanner": "/scanners", "webhook": "/webhooks",
    "backup": "/backups", "moved": "/backups",
}  # fmt: skip
"""What a finding is about -> the page where it is cured."""


ABOUT_WORDS = {
    "printer": "Printer", "labels": "Labels", "scanner": "Scanner", "webhook": "Webhook",
    "backup": "Backup", "moved": "Moved", "database": "Database", "usb": "USB",
    "data directory": "Data directory", "disk": "Disk", "fonts": "Fonts", "barcodes": "Barcodes",
    "clock": "Clock",
}  # fmt: skip
"""What a finding is about, in a word."""


def health_pages(frame: Frame) -> APIRouter:
    """Return the routes of the page."""
    router = frame.router()

    @router.get("/health", dependencies=[needs("admin")])
    async def get_health(request: Request, api: Asked) -> Response:
        doctor = await api.get("/v1/doctor")
        return frame.page(request, "health.html", doctor=doctor, pages=PAGES, about=ABOUT_WORDS)

    return router
