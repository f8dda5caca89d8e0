"""A label checked with all records that will fill it, as a work that can be stopped.

POST /v1/editor/checks {"document", "printer", "source"} ──► a work
GET  /v1/editor/checks/{id} ──► what is refused, by element, for how many, and its fixes
"""

from __future__ import annotations

import contextlib
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Response

from gateway.api.access import Who, needs
from gateway.api.changes import JsonObject
from gateway.api.parts import Parts
from gateway.api.problems import slug
from gateway.api.reading import refuse_unknown, say
from gateway.api.registry.kept_tables import KeptTables
from gateway.api.showing import Json, answer
from gateway.api.sources import Source, read_source
from gateway.api.works import show_work
from gateway.drawing import check_commands, model_of, moment
from gateway.errors import InputRefused, RawRefused, Unknown
from gateway.printers import Printer
from gateway.store.engine import now
from gateway.units import format_density, parse_density
from gateway.works import Progress, Stopped, Work

if TYPE_CHECKING:
    from gateway.templates.checking import Finding, Offender
    from gateway.templates.layout import Head
    from gateway.templates.model import Template

KEYS = ("document", "template", "version", "printer", "density", "source", "fields")

MOST_KEPT = 50
"""Checks whose findings are kept; the oldest is forgotten first."""

EVERY = 0.2
"""Seconds between two looks at what was found, for whoever watches."""


@dataclass(slots=True)
class Check:
    """A check that was asked for, and what was found so far."""

    template: Template
    source: Source
    head: Head
    printer: Printer | None
    work: int = 0
    looked_at: int = 0
    refused: int = 0
    """Records whose label would not be printed."""
    findings: list[Json] = field(default_factory=list)
    seconds: float = 0.0


def check_routes(parts: Parts, tables: KeptTables) -> APIRouter:
    """Return the routes of checks."""
    router = APIRouter(prefix="/v1/editor/checks", tags=["templates"])
    checks: OrderedDict[int, Check] = OrderedDict()

    @router.post("", dependencies=[needs("read")], summary="Check a label with all its records")
    async def start_check(body: JsonObject, who: Who) -> Response:
        """A whole `document`, or a stored `template` (with `version`), for a `printer`'s head or a
        `density` (8), and a `source`: `{"about": "serial", "filter": {…}}` with the filters of that
        noun's list, `{"table": id, "columns": {field: column}, "values": {field: text}}`, or
        `{"rows": […]}` of at most 1,000. `fields` are the same for all labels. Answers with the
        work; its findings are under the same number. Nothing is stored."""
        refuse_unknown(body, KEYS, "A check")
        template = await parts.away(lambda: _template(parts, body))
        source = read_source(parts, tables, body.get("source"), template)
        fixed = fields_for_all(body, template)
        head, printer = _head(parts, body)
        check = Check(template, source, head, printer)

        def do(progress: Progress) -> str:
            return _check(parts, check, fixed, progress)

        title = f"Check {template.title or template.name} with {source.said}"
        check.work = parts.works.start(title, who.name, do)
        checks[check.work] = check
        while len(checks) > MOST_KEPT:
            checks.popitem(last=False)
        return answer(show(check), 202, {"location": f"/v1/editor/checks/{check.work}"})

    @router.get("/{id}", dependencies=[needs("read")], summary="What a check has found")
    async def get_check(id: int) -> Response:
        """`findings` has an entry for each element and cause: `count` of the records `of` all that
        were looked at, the first 20 `offenders`, the `longest` value and the `fixes` that mend it
        for that one, as those of the tiles. It grows while the work runs."""
        if (check := checks.get(id)) is None:
            raise Unknown(f"There is no check {id}; the last {MOST_KEPT} are kept for a while.")
        return answer(show(check))

    def show(check: Check) -> Json:
        work: Work | None = None
        with contextlib.suppress(Unknown):
            work = parts.works.get(check.work)
        return {
            "id": str(check.work),
            "template": check.template.name,
            "printer": None if check.printer is None else check.printer.name,
            "density": format_density(check.head.density),
            "source": check.source.said,
            "records": check.looked_at,
            "refused": check.refused,
            "findings": check.findings,
            "seconds": round(check.seconds, 3),
            "work": None if work is None else show_work(work),
            "links": {"self": f"/v1/editor/checks/{check.work}"},
        }

    return router


def _template(parts: Parts, body: Mapping[str, Any]) -> Template:
    from gateway.templates.document import parse_template

    document, name = body.get("document"), body.get("template")
    if (document is None) == (name is None):
        raise InputRefused(
            "A check needs either 'document', a whole template, or 'template', the name of a "
            "stored one."
        )
    if document is not None:
        return parse_template(document)
    version = body.get("version")
    return parts.templates.find(str(name), None if version is None else str(version))


def _head(parts: Parts, body: Mapping[str, Any]) -> tuple[Head, Printer | None]:
    from gateway.templates.layout import Head

    name = body.get("printer")
    if name is None:
        return Head(parse_density(body.get("density", 8))), None
    if "density" in body:
        raise InputRefused("'density' is the printer's own; leave it out.", key="density")
    printer = parts.printers.find(str(name))
    return Head(printer.density, model_of(printer).head_dots or None), printer


def fields_for_all(body: Mapping[str, Any], template: Template) -> dict[str, object]:
    """Return the fields that are the same on all labels.

    Raises:
        InputRefused: they are no object, or the template has no such field.
    """
    fixed = body.get("fields") or {}
    if not isinstance(fixed, dict):
        raise InputRefused(
            f"'fields' must be an object of fields of the template, got {say(fixed)}.", key="fields"
        )
    for name in fixed:
        if template.field(name) is None:
            raise InputRefused(
                f"{name[:60]!r} is no field of template {template.name!r}; it has "
                f"{', '.join(one.name for one in template.fields)}.",
                key="fields",
            )
    return fixed


def _check(parts: Parts, check: Check, fixed: Mapping[str, object], progress: Progress) -> str:
    """Look at every record, and return what was found in a sentence."""
    from gateway.templates.binding import Moment
    from gateway.templates.checking import Checker

    began = shown = time.monotonic()
    at = moment(now(), parts.zone(), Moment)
    template, head = check.template, check.head
    progress.tell(0, 0, "The records are being looked for.")
    total = check.source.count()
    counters = parts.jobs.counters(template.name)
    checker = Checker(template, head, at, parts.assets, counters)
    if check.printer is not None:
        try:
            check_commands(template, check.printer)
        except RawRefused as refusal:
            checker.refuse_always(refusal)
    refused = 0

    def keep() -> None:
        check.looked_at, check.refused = checker.looked_at, refused
        check.findings = [show_finding(one, template) for one in checker.findings()]
        check.seconds = time.monotonic() - began

    try:
        for row in check.source.rows():
            progress.tell(checker.looked_at, total, "The records are being looked at.")
            refused += not checker.look(row.number, row.title, {**row.fields, **fixed})
            if time.monotonic() - shown > EVERY:
                shown = time.monotonic()
                keep()
    except Stopped:
        raise Stopped(
            f"It was stopped when {checker.looked_at:,} of {total:,} records were looked at."
        ) from None
    finally:
        keep()
        check.source = check.source.spent()
    if any(one["always"] for one in check.findings):
        check.refused = refused = checker.looked_at
    if not checker.looked_at:
        return "There is no record to look at."
    if not refused:
        return f"The label fits all {checker.looked_at:,} records."
    return f"{refused:,} of {checker.looked_at:,} records would be refused."


def show_finding(finding: Finding, template: Template) -> Json:
    """Return a finding as the editor and the batch's page read it."""
    from gateway.templates.drafting import fixes_for

    element = next((one for one in template.elements if one.id == finding.element), None)
    title = "" if element is None else element.title or element.id
    longest = finding.longest
    code = "wrong-check-digit" if finding.check_digit else slug(finding.cause)
    return {
        "element": finding.element or None,
        "title": title or None,
        "code": code,
        "count": finding.count,
        "of": finding.of,
        "always": finding.always,
        "sentence": longest.refusal.detail,
        "longest": None if finding.always else _show_offender(longest),
        "offenders": [_show_offender(one) for one in finding.offenders],
        "fixes": [
            {"kind": fix.kind, "value": fix.value, "set": {k: dict(v) for k, v in fix.set.items()}}
            for fix in fixes_for(longest.refusal, template)
        ],
    }  # fmt: skip


def _show_offender(one: Offender) -> Json:
    return {
        "row": one.number,
        "title": one.title,
        "value": one.value[:200],
        "sentence": one.refusal.detail,
    }
