"""The bar code kinds and GS1's application identifiers, for whoever makes a label of them.

SYMBOLOGIES, CARRIES ──► GET /v1/symbologies        gs1.IDENTIFIERS ──► GET /v1/gs1/identifiers
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Response

from gateway.api.access import needs
from gateway.api.showing import Json, answer, listed

if TYPE_CHECKING:
    from gateway.codes.gs1 import Identifier
    from gateway.codes.symbology import Symbology


def code_routes() -> APIRouter:
    """Return the routes of bar code kinds and application identifiers."""
    router = APIRouter(prefix="/v1", tags=["templates"])

    @router.get(
        "/symbologies", dependencies=[needs("read")], summary="List the bar code kinds there are"
    )
    async def list_symbologies() -> Response:
        """What each `carries`, a `sample` it takes and the `columns` and `rows` of that, the least
        width of its narrowest bar (`least_module`, µm) and height of its bars (`least_height`, in
        those), its quiet zone in those (`quiet`: left, right, above, below), and the `options` that
        a template's element may choose."""
        from gateway.codes.symbology import SYMBOLOGIES

        return answer(listed([_symbology(one) for one in SYMBOLOGIES.values()]))

    @router.get(
        "/gs1/identifiers",
        dependencies=[needs("read")],
        summary="List GS1's application identifiers",
    )
    async def list_identifiers(
        q: Annotated[
            str, Query(max_length=100, description="Their first digits, or words of the title.")
        ] = "",
    ) -> Response:
        """Each with its `title`, the `parts` its value consists of (whether only `digits`, from
        `shortest` to `longest` characters, the last one a check digit (`checked`), a `date` as
        YYMMDD) and a `sample` it takes. Six digits of a measure have as many decimal places as the
        identifier's last digit says."""
        from gateway.codes.gs1 import IDENTIFIERS

        wanted = q.strip().upper()
        return answer(
            listed(
                [
                    _identifier(one)
                    for one in sorted(IDENTIFIERS.values(), key=lambda one: one.ai)
                    if one.ai.startswith(wanted) or wanted in one.title.upper()
                ]
            )
        )

    return router


def _symbology(symbology: Symbology) -> Json:
    from gateway.codes.samples import CARRIES
    from gateway.codes.symbology import Options

    carries, sample = CARRIES[symbology.name]
    columns, rows = symbology.size(symbology.accept(sample), Options())
    return {
        "name": symbology.name,
        "title": symbology.title,
        "kind": symbology.kind,
        "gs1": symbology.gs1,
        "carries": carries,
        "sample": sample,
        "columns": columns,
        "rows": rows,
        "quiet": list(symbology.quiet),
        "least_module": symbology.least_module,
        "least_height": symbology.least_height,
        "options": sorted(symbology.options),
    }


def _identifier(identifier: Identifier) -> Json:
    return {
        "ai": identifier.ai,
        "title": identifier.title,
        "parts": [
            {
                "digits": part.digits,
                "shortest": part.shortest,
                "longest": part.longest,
                "checked": part.checked,
                "date": part.date,
            }
            for part in identifier.parts
        ],
        "sample": identifier.sample,
    }
