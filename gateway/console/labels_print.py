"""Print a label: a scan fills it, what is not known is asked, and the picture is what comes out.

    scan ──record──► fields ──dry run──► the job's own dots, with their proof ──Enter──► the job

The form is made of the label's own fields. What prints is what was shown: the job carries the proof
of the picture, and is refused if it would come out otherwise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console.asking import Api, Asked, Declined, at
from gateway.console.form import Form, one, read_form
from gateway.console.frame import Frame
from gateway.console.jobs import state_cell
from gateway.console.labels_home import ABOUT_WORDS, fits, noun_of
from gateway.console.listing import Row
from gateway.console.noting import Link, Note
from gateway.console.words import translate
from gateway.errors import InputRefused

VALUE = "f."
"""Before the name of a field of the label, in a form and in the address."""

LAST = 20
"""Prints that are shown."""

LONGEST = 500
"""Characters of a scan."""

ON_THEIR_WAY = "Labels on their way to %(printer)s: %(n)s."
_PLAIN: Row = {"type": "text", "required": False, "default": "", "example": "", "choices": []}
"""What a field is unless its document says otherwise."""

AGAIN = "Printed again from the label's page."
WORDS = (ON_THEIR_WAY, AGAIN)


@dataclass(frozen=True, slots=True)
class Proof:
    """What would come out, or why nothing would."""

    png: str = ""
    """In base 64."""
    sha256: str = ""
    at: str = ""
    problem: str = ""
    own: bool = False
    """The printer draws codes, boxes or text with commands of its own."""


def labels_print_pages(frame: Frame) -> APIRouter:
    """Return the routes of the page."""
    router = frame.router()

    @router.get("/templates/{name}/print", dependencies=[needs("print")])
    async def get_print(
        name: str, request: Request, api: Asked, record: str = "", pick: str = "", printer: str = ""
    ) -> Response:
        label = await api.get(at("/v1/templates/{}", name))
        document = label["document"]
        fields = _fields(document)
        about = noun_of(document.get("about", ""), {f["name"]: f["required"] for f in fields})
        size = document["size"]
        targets = await _targets(api, size["width"], size["height"])
        printer = printer if printer in {row["name"] for row, _ in targets} else _first(targets)
        found: list[Row] = []
        if about and record.strip():
            found = await _records(api, about, record.strip()[:LONGEST], name)
        chosen = _meant(found, record.strip(), int(pick) if re.fullmatch("[0-9]{1,3}", pick) else 0)
        query = request.query_params
        typed = {key[len(VALUE) :]: value for key, value in query.items() if key.startswith(VALUE)}
        # What nobody has registered is at least what was scanned.
        taken = bool(record.strip()) and not found and any(f["name"] == about for f in fields)
        if taken:
            typed.setdefault(about, record.strip())
        values = _values(fields, chosen["fields"] if chosen else {}, typed)
        ready = printer and (bool(typed) or chosen is not None or not _missing(fields, values))
        proof = await _look(api, label, printer, _sent(fields, values)) if ready else Proof()
        jobs = await api.get("/v1/jobs", template=label["name"], limit=LAST)
        return frame.page(
            request, "labels_print.html", 200, label=label, size=size, fields=fields,
            title=document.get("title") or label["name"], fitting=_fitting(targets).get(printer),
            about=about, about_words=ABOUT_WORDS, record=record.strip(), found=found,
            chosen=chosen, pick=pick, values=values, printer=printer, targets=targets,
            proof=proof, shown=_shown(printer, _sent(fields, values)), prefix=VALUE,
            copies=query.get("copies", "1"), serial=_serial(about, chosen),
            jobs=[(job, state_cell(job)) for job in jobs["items"]], again=AGAIN,
            filled=_filled(fields, chosen), ready=bool(proof.png), taken=taken,
        )  # fmt: skip

    @router.post("/templates/{name}/print", dependencies=[needs("print")])
    async def print_label(name: str, request: Request, api: Asked) -> Response:
        form = read_form(await request.body())
        label = await api.get(at("/v1/templates/{}", name))
        fields = _fields(label["document"])
        typed = {key[len(VALUE) :]: one(form, key) for key in form if key.startswith(VALUE)}
        values, printer = _sent(fields, _values(fields, {}, typed)), one(form, "printer")
        here = _here(name, form, typed)
        if one(form, "act") == "show":
            return frame.back(request, here)
        form["_returns"] = [here]
        try:
            made = await _print(api, label, form, values, printer)
        except (Declined, InputRefused) as refusal:
            why = refusal if isinstance(refusal, Declined) else Declined({"detail": str(refusal)})
            return frame.refused(request, why, form)
        language = frame.language(request)
        said = translate(ON_THEIR_WAY, language) % {"printer": printer, "n": made["labels"]}
        link = Link(translate("See the job", language), at("/jobs/{}", made["id"]))
        again = at("/templates/{}/print?printer={}", name, printer)
        return frame.back(request, again, note=Note(said, links=(link,)))

    return router


def _fields(document: Mapping[str, Any]) -> list[Row]:
    """Return the fields of a label with all that a document leaves out."""
    return [{**_PLAIN, "title": field["name"], **field} for field in document.get("fields", [])]


async def _targets(api: Api, width: int, height: int) -> list[tuple[Row, bool]]:
    """Return printers, each with whether its stock fits, those first; then pools."""
    printers = (await api.get("/v1/printers", limit=500))["items"]
    found = [(one, fits(one, width, height)) for one in printers]
    found.sort(key=lambda pair: (not pair[1], pair[0]["status"]["condition"] != "ready"))
    pools = (await api.get("/v1/pools", limit=500))["items"]
    able = {row["name"] for row, good in found if good}
    return found + [
        (pool, any(one["printer"] in able for one in pool["members"])) for pool in pools
    ]


def _fitting(targets: Sequence[tuple[Row, bool]]) -> dict[str, bool]:
    """Return by name whether the stock in a printer fits."""
    return {row["name"]: good for row, good in targets}


def _first(targets: Sequence[tuple[Row, bool]]) -> str:
    return str(targets[0][0]["name"]) if targets else ""


async def _records(api: Api, about: str, text: str, name: str) -> list[Row]:
    try:
        found = await api.get("/v1/editor/records", about=about, q=text, template=name)
    except Declined:
        return []
    return [] if found["sample"] else list(found["items"])


def _meant(found: Sequence[Row], text: str, pick: int) -> Row | None:
    """Return the record that was picked, or the one that a text can only mean.

    >>> one, two = {"title": "SN-1"}, {"title": "SN-12"}
    >>> _meant([one, two], "sn-1", 0), _meant([one, two], "SN", 0), _meant([one, two], "SN", 2)
    ({'title': 'SN-1'}, None, {'title': 'SN-12'})
    """
    if 0 < pick <= len(found):
        return found[pick - 1]
    exact = [row for row in found if row["title"].casefold() == text.casefold()]
    if len(exact) == 1:
        return exact[0]
    return found[0] if len(found) == 1 else None


def _values(
    fields: Sequence[Row], record: Mapping[str, str], typed: Mapping[str, str]
) -> dict[str, str]:
    """Return what stands in each field: what was typed, what the record says, its default."""
    return {
        field["name"]: typed.get(field["name"], record.get(field["name"]) or field["default"])
        for field in fields
    }


def _filled(fields: Sequence[Row], record: Row | None) -> list[str]:
    """Return the fields that nobody needs to look at: a record has filled them."""
    found = record["fields"] if record is not None else {}
    return [
        field["name"] for field in fields
        if found.get(field["name"]) or (field["name"] in found and not field["required"])
    ]  # fmt: skip


def _sent(fields: Sequence[Row], values: Mapping[str, str]) -> dict[str, str]:
    """Return the values that a job carries: an empty one only where it stands for no default."""
    defaults = {field["name"]: field["default"] for field in fields}
    return {name: value for name, value in values.items() if value or defaults[name]}


def _missing(fields: Sequence[Row], values: Mapping[str, str]) -> list[str]:
    return [one["name"] for one in fields if one["required"] and not values[one["name"]]]


def _shown(printer: str, values: Mapping[str, str]) -> str:
    """Return what a picture was made of, to tell whether it is still that."""
    return json.dumps([printer, values], sort_keys=True)


def _serial(about: str, record: Row | None) -> str:
    """Return the public id of the serial that a record is, whose label it will be."""
    code = record["fields"].get("code", "") if record is not None and about == "serial" else ""
    return str(code).removeprefix("GW-")


def _here(name: str, form: Form, typed: Mapping[str, str]) -> str:
    kept = {key: one(form, key) for key in ("record", "pick", "printer", "copies")}
    kept |= {f"{VALUE}{key}": value for key, value in typed.items()}
    said = urlencode({key: value for key, value in kept.items() if value or key[:2] == VALUE})
    return f"{at('/templates/{}/print', name)}?{said}"


async def _look(api: Api, label: Row, printer: str, values: Mapping[str, str]) -> Proof:
    """Return what would come out there, by a dry run of the job itself."""
    try:
        said = (await api.ask("POST", "/v1/jobs?dry_run=1", _job(label, printer, values))).json
    except Declined as refusal:
        return Proof(problem=refusal.sentence)
    return Proof(
        said["pictures"][0]["png"], said["proof"]["sha256"], said["proof"]["at"],
        own=said["mode"] == "native",
    )  # fmt: skip


def _job(label: Row, printer: str, values: Mapping[str, str]) -> dict[str, object]:
    return {
        "printer": printer, "template": label["name"], "version": label["version"],
        "labels": [dict(values)],
    }  # fmt: skip


async def _print(
    api: Api, label: Row, form: Form, values: Mapping[str, str], printer: str
) -> dict[str, Any]:
    """Return the job of what is in the form: of the picture that was shown, or of a new one."""
    if not printer:
        raise InputRefused("Choose the printer.", key="printer")
    copies = one(form, "copies").strip() or "1"
    if not (copies.isascii() and copies.isdecimal() and len(copies) < 6 and int(copies)):
        raise InputRefused(f"How many labels? {copies[:20]!r} is no number of them.", key="copies")
    proof = {"sha256": one(form, "sha256"), "at": one(form, "at")}
    if one(form, "shown") != _shown(printer, values) or not proof["sha256"]:
        # Something was typed since the picture was drawn: what prints is what was typed.
        said = await api.ask("POST", "/v1/jobs?dry_run=1", _job(label, printer, values))
        proof = said.json["proof"]
    title = str(label["document"].get("title") or label["name"])
    body: dict[str, object] = {"copies": int(copies), "proof": proof, "title": title}
    path, serial = "/v1/jobs", one(form, "serial")
    if serial and values.get("serial", "") == one(form, "serial_shown"):
        # A label of a serial in the registry: that it has one is written down with it.
        path = "/v1/serials/print"
        # What was emptied here is sent empty, or the registry would fill it in again.
        names = (field["name"] for field in _fields(label["document"]))
        body |= {
            "printer": printer,
            "template": label["name"],
            "version": label["version"],
            "ids": [serial],
            "fields": {name: values.get(name, "") for name in names},
        }
    else:
        body |= _job(label, printer, values)
    headers = {"idempotency-key": key} if (key := one(form, "_once")[:80]) else {}
    made: dict[str, Any] = (await api.ask("POST", path, body, headers=headers)).json
    return made
