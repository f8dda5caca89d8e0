"""The feed on a screen: what happened, newest first, in words, each entry with where it leads.

an entry of GET /v1/feed ──told──► a sentence in the person's language
                         ──where──► the page of what it is about
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console.asking import Asked, at
from gateway.console.filters import with_query
from gateway.console.frame import Frame
from gateway.console.listing import Cell, Column, Filter, Listing, Row, show
from gateway.console.words import translate

MOST_NAMED = 5
"""Serials, or numbers of labels, that an entry names."""

_WORDS: Mapping[str, str] = {
    "adjustment.synced": "The accounts know of %(events)s adjustments more.",
    "asset.saved": "A font or picture was saved: %(name)s",
    "backup.failed": "The backup failed: %(reason)s",
    "backup.made": "A backup was made.",
    "backup.removed": "A backup was removed.",
    "backup.tried": "A backup was tried.",
    "document.arrived": "%(number)s: what was on its way has arrived.",
    "document.cancelled": "%(number)s was cancelled.",
    "document.changed": "%(number)s was changed.",
    "document.closed": "%(number)s was closed.",
    "document.confirmed": "%(number)s was confirmed.",
    "document.consumed": "%(number)s: parts were built in.",
    "document.costed": "%(number)s: costs were put on what was received.",
    "document.counted": "%(number)s: pieces were counted.",
    "document.decided": "%(number)s: differences were decided.",
    "document.deleted": "%(number)s was deleted.",
    "document.dispatched": "%(number)s: pieces are on their way.",
    "document.drop_shipped": "%(number)s was shipped from the supplier.",
    "document.finished": "%(number)s is finished.",
    "document.inspected": "%(number)s: what came back was looked at.",
    "document.made": "%(number)s was made.",
    "document.picked": "%(number)s: pieces were picked.",
    "document.posted": "%(number)s was posted.",
    "document.produced": "%(number)s: pieces were made.",
    "document.received": "%(number)s was received.",
    "document.shipped": "%(number)s was shipped.",
    "document.started": "%(number)s was started.",
    "document.unbuilt": "%(number)s was taken apart.",
    "document.unpicked": "%(number)s: pieces were put back on the shelf.",
    "field.deleted": "A custom field was taken away: %(name)s",
    "field.saved": "A custom field was saved: %(name)s",
    "gateway.moved": "This gateway was moved to another computer.",
    "gateway.stayed": "This gateway stays on this computer.",
    "item.deleted": "Item %(name)s was deleted.",
    "item.examples_removed": "The examples were taken away.",
    "item.saved": "Item %(name)s was saved.",
    "item.stock_tracking_changed": "The stock of item %(name)s is tracked in another way.",
    "item.synced": "Item %(name)s is known to %(system)s.",
    "item.tracking_changed": "Item %(name)s is tracked in another way.",
    "item.unlocked": "Item %(name)s was unlocked: %(reason)s",
    "job.accepted": "Job %(job)s for %(printer)s was accepted. Labels: %(labels)s",
    "job.cancelled": "Job %(job)s was cancelled.",
    "job.changed": "Job %(job)s has another place in the queue.",
    "job.done": "Job %(job)s is done.",
    "job.failed": "Job %(job)s failed.",
    "job.held": "Job %(job)s is on hold. %(because)s",
    "job.needs_attention": "Job %(job)s waits for an answer: something of it is in doubt.",
    "job.printing": "Job %(job)s prints.",
    "job.queued": "Job %(job)s waits its turn.",
    "key.made": "Key %(name)s was made.",
    "key.renamed": "Key %(name)s was renamed.",
    "key.revoked": "Key %(name)s has ended.",
    "label.dropped": "Job %(job)s, given up: %(numbers)s",
    "label.expired": "Job %(job)s: what waited too long is not printed.",
    "label.failed": "Job %(job)s, could not be drawn: %(numbers)s. %(because)s",
    "label.printed": "Job %(job)s, on paper: %(numbers)s",
    "label.sent": "Job %(job)s, handed to the printer: %(numbers)s",
    "label.uncertain": "Job %(job)s, in doubt: %(numbers)s. %(because)s",
    "location.deleted": "Location %(name)s was deleted.",
    "location.saved": "Location %(name)s was saved.",
    "lot.deleted": "Lot %(name)s was deleted.",
    "lot.held": "Lot %(name)s is held.",
    "lot.let_go": "Lot %(name)s may move again.",
    "lot.made": "Lot %(name)s is there.",
    "lot.saved": "Lot %(name)s was saved.",
    "mqtt.connected": "The MQTT broker takes messages.",
    "mqtt.lost": "The MQTT broker does not take messages: %(sentence)s",
    "operator.deleted": "Operator %(name)s was deleted.",
    "operator.saved": "Operator %(name)s was saved.",
    "party.deleted": "Customer or supplier %(name)s was deleted.",
    "party.saved": "Customer or supplier %(name)s was saved.",
    "pool.deleted": "Pool %(name)s was deleted.",
    "pool.saved": "Pool %(name)s was saved.",
    "printer.deleted": "Printer %(name)s was deleted.",
    "printer.paused": "Printer %(name)s is paused.",
    "printer.ready": "Printer %(name)s is ready.",
    "printer.resumed": "Printer %(name)s goes on.",
    "printer.saved": "Printer %(name)s was saved.",
    "printer.stopped": "Printer %(name)s stopped: %(sentence)s",
    "printer.taken": "Printer %(name)s is driven by another gateway now.",
    "scan.asked": "%(place)s: %(scan)s – a question: %(sentence)s",
    "scan.done": "%(place)s: %(scan)s – %(sentence)s",
    "scan.look": "%(place)s: %(scan)s – look: %(sentence)s",
    "scan.refused": "%(place)s: %(scan)s – refused: %(sentence)s",
    "scanner.changed": "Scanner %(name)s was changed.",
    "scanner.connected": "Scanner %(name)s is connected.",
    "scanner.deleted": "Scanner %(name)s was deleted.",
    "scanner.lost": "Scanner %(name)s is lost.",
    "scanner.made": "Scanner %(name)s is there.",
    "serial.accepted": "Found good: %(serials)s",
    "serial.adjusted_in": "Added by a correction: %(serials)s",
    "serial.annotated": "Written down: %(serials)s",
    "serial.arrived": "Arrived: %(serials)s",
    "serial.cancelled": "Announcement taken back: %(serials)s",
    "serial.committed": "Reserved: %(serials)s",
    "serial.consumed": "Built into an assembly: %(serials)s",
    "serial.costed": "The cost of serials has changed.",
    "serial.counted": "Counted: %(serials)s",
    "serial.dispatched": "Sent on their way: %(serials)s",
    "serial.drop_shipped": "Shipped from the supplier: %(serials)s",
    "serial.held": "Held: %(serials)s",
    "serial.label_printed": "Label sent to a printer: %(serials)s",
    "serial.label_settled": "The labels are no longer in doubt: %(serials)s",
    "serial.label_uncertain": "Held, because their labels are in doubt: %(serials)s",
    "serial.opened": "Named as opening stock: %(serials)s",
    "serial.picked": "Picked: %(serials)s",
    "serial.planned": "Announced: %(serials)s",
    "serial.produced": "Made: %(serials)s",
    "serial.received": "Received: %(serials)s",
    "serial.reinstated": "Write-off taken back: %(serials)s",
    "serial.rejected": "Found bad: %(serials)s",
    "serial.released": "Given back from their order: %(serials)s",
    "serial.released_from_hold": "May move again: %(serials)s",
    "serial.renamed": "Serial corrected: %(serials)s",
    "serial.returned": "Returned: %(serials)s",
    "serial.returned_to_stock": "Returned into stock: %(serials)s",
    "serial.sent_back": "Sent back to the supplier: %(serials)s",
    "serial.shipped": "Shipped: %(serials)s",
    "serial.transferred": "Moved: %(serials)s",
    "serial.unbuilt": "Taken out of their assembly: %(serials)s",
    "serial.undone": "Undone: %(serials)s",
    "serial.unpicked": "Put back on the shelf: %(serials)s",
    "serial.untracked": "Kept without serial: %(serials)s",
    "serial.written_off": "Written off: %(serials)s",
    "registry.rebuilt": "Stock was worked out anew from what happened.",
    "registry.verified": "The record was proved; Health says what came of it.",
    "setting.changed": "A setting was changed: %(name)s",
    "station.changed": "Station %(name)s was changed.",
    "station.deleted": "Station %(name)s was deleted.",
    "station.made": "Station %(name)s is there.",
    "station.paired": "A browser was paired with station %(name)s.",
    "station.unpaired": "The browser of station %(name)s is locked out.",
    "stock.reorder_point_reached":
        "%(item)s is to be reordered: %(on_hand)s left, reorder point %(reorder_point)s.",
    "template.approved": "Version %(number)s of label %(name)s was approved and prints now.",
    "template.deleted": "Template %(name)s was deleted.",
    "template.discarded": "The draft of label %(name)s was thrown away.",
    "template.drafted": "A draft of label %(name)s was begun.",
    "template.rejected": "A new version of label %(name)s was not approved: %(reason)s",
    "template.requested": "A new version of label %(name)s waits for a second person.",
    "template.saved": "Template %(name)s was saved.",
    "template.withdrawn": "What was asked to be approved of label %(name)s was taken back.",
    "webhook.changed": "Webhook %(name)s was changed.",
    "webhook.dead": "Webhook %(name)s did not take a message; it is not tried again by itself.",
    "webhook.deleted": "Webhook %(name)s was deleted.",
    "webhook.made": "Webhook %(name)s is there.",
    "webhook.resent": "Webhook %(name)s is sent again what it did not take.",
    "webhook.tested": "Webhook %(name)s was tried.",
    "work.changed": "%(title)s. %(sentence)s",
}  # fmt: skip

FEED_WORDS: Mapping[str, str] = {
    # What has no serials goes the same ways, by the piece.
    **{
        kind.replace("serial.", "stock."): text.replace("%(serials)s", "%(quantity)s × %(item)s")
        for kind, text in _WORDS.items() if kind.startswith("serial.")
    },
    **_WORDS,
    "stock.undone": "Undone: %(quantity)s pieces.",
}  # fmt: skip
"""Kind -> what happened; ``%(name)s`` is the last of the subject, ``%(serials)s`` and
``%(numbers)s`` the first few; all other names are of the entry's body."""

OTHER = "%(kind)s: %(subject)s"
"""What is said of a kind that has no words: a driver's of another package."""

KINDS = (
    ("job", "Jobs"), ("label", "Labels"), ("printer", "Printers"), ("scan", "Scans"),
    ("serial", "Serials"), ("stock", "Stock"), ("document", "Documents"), ("item", "Items"),
    ("lot", "Lots"), ("location", "Locations"), ("party", "Customers and suppliers"),
    ("operator", "People"), ("station", "Stations"), ("scanner", "Scanners"),
    ("template", "Templates"), ("webhook", "Webhooks"), ("mqtt", "MQTT"), ("backup", "Backups"),
    ("key", "Keys"), ("setting", "Settings"), ("gateway", "The gateway itself"),
    ("work", "Long works"),
)  # fmt: skip

_PAGES: Mapping[str, str] = {
    "jobs": "/jobs/{}",
    "printers": "/printers/{}",
    "pools": "/pools/{}",
    "items": "/items/{}",
    "parties": "/parties/{}",
    "locations": "/locations/{}",
    "documents": "/documents/{}/{}",
    "stations": "/station/{}",
    "scanners": "/scanners/{}",
    "webhooks": "/webhooks/{}",
}
_LISTS: Mapping[str, str] = {
    "backups": "/backups",
    "keys": "/keys",
    "settings": "/settings",
    "operators": "/people",
    "scans": "/scans",
    "serials": "/serials",
    "works": "/works",
}


def facts_of(entry: Row) -> defaultdict[str, str]:
    """Return what an entry's sentence may name; what it does not know is empty."""
    body: Mapping[str, Any] = entry["data"]
    facts: defaultdict[str, str] = defaultdict(str)
    facts.update({key: str(value) for key, value in body.items() if value is not None})
    facts["kind"], facts["subject"] = entry["type"], entry["subject"]
    facts["name"] = entry["subject"].rpartition("/")[2]
    facts["place"] = str(body.get("station") or body.get("scanner") or "") or "–"
    facts["serials"] = _few(body.get("serials"), body.get("count"), body.get("items"))
    if isinstance(numbers := body.get("labels"), list):
        facts["numbers"] = _few(numbers, len(numbers))
    return facts


def _few(names: object, count: object, of: object = ()) -> str:
    """Return the first names, how many more there are, and of which items.

    >>> _few(["S1", "S2"], 2, ["DRILL"]), _few([1, 2, 3, 4, 5, 6], 6)
    ('S1, S2 (DRILL)', '1, 2, 3, 4, 5 … +1')
    """
    if not isinstance(names, list):
        return ""
    shown = [str(name) for name in names[:MOST_NAMED]]
    more = (count if isinstance(count, int) else len(names)) - len(shown)
    items = f" ({', '.join(map(str, of))})" if isinstance(of, list) and 0 < len(of) < 4 else ""
    return ", ".join(shown) + (f" … +{more}" if more > 0 else "") + items


def told(entry: Row, language: str) -> str:
    """Return an entry in words.

    >>> told({"type": "job.done", "subject": "jobs/J7", "data": {"job": "J7"}}, "en")
    'Job J7 is done.'
    >>> told({"type": "drone.landed", "subject": "drones/1", "data": {}}, "en")
    'drone.landed: drones/1'
    """
    text = translate(FEED_WORDS.get(entry["type"], OTHER), language)
    return (text % facts_of(entry)).strip()


def where(entry: Row) -> str:
    """Return the page of what an entry is about; empty when there is none.

    >>> where({"type": "item.saved", "subject": "items/A&B", "data": {}})
    '/items/A%26B'
    """
    noun, *names = entry["subject"].split("/")
    body = entry["data"]
    if noun == "registry":
        kind, _, number = str(body.get("document", "")).partition(" ")
        if number:
            return at("/documents/{}/{}", kind, number)
        if serials := body.get("serials"):
            return with_query("/find", {"q": serials[0]})
        return at("/items/{}", body["item"]) if body.get("item") else ""
    if noun == "items" and len(names) > 1:
        names = names[:1]
    if entry["type"].endswith(".deleted"):
        return ""
    if noun in _PAGES and names:
        page = _PAGES[noun]
        return at(page, *names) if page.count("{}") == len(names) else ""
    return _LISTS.get(noun, "")


FEED = Listing(
    name="feed",
    title="Feed",
    path="/feed",
    api="/v1/feed",
    key=lambda row: row["id"],
    columns=(
        Column("When", lambda row: Cell(row["time"], kind="time")),
        Column("What", lambda row: Cell(
            row.get("told") or told(row, "en"), to=where(row), detail=row["type"])),
        Column("Who", lambda row: row.get("who") or row["actor"]),
    ),
    filters=(Filter("kind", "Of", KINDS),),
    empty="Nothing has happened yet.",
    next_act=(("First hour", "/start"),),
)  # fmt: skip


def feed_pages(frame: Frame) -> APIRouter:
    """Return the route of the page."""
    router = frame.router()
    frame.listings[FEED.name] = FEED

    def who(entry: Row) -> str:
        """Return who did it, a printer by its name."""
        kind, _, number = str(entry["actor"]).partition(":")
        if kind == "printer" and number.isdecimal():
            return frame.parts.printers.name_of(int(number)) or kind
        return str(entry["actor"])

    @router.get("/feed", dependencies=[needs("read")])
    async def get_feed(request: Request, api: Asked) -> Response:
        language = frame.language(request)
        shown = await show(api, FEED, request.query_params)
        for row in shown.rows:
            if isinstance(row, dict):
                row["told"], row["who"] = told(row, language), who(row)
        kinds = " ".join(kind for kind, _ in KINDS)
        return frame.page(request, "feed.html", shown=shown, kinds=kinds)

    return router
