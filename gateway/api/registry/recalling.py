"""``GET /v1/recall``: where a bad lot or a bad piece is now, and inside of what.

a filter of serials ──select──► lives ──recall──► they and every assembly that holds one
"""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.api.parts import Parts
from gateway.api.registry.showing import show_serial
from gateway.api.registry.wanting import read_limit, read_place, select, write_place
from gateway.api.showing import Json, answer
from gateway.errors import InputRefused
from gateway.store.registry.acting import MOST_SERIALS
from gateway.store.registry.recall import recall
from gateway.store.registry.serials import serials_by_id


def recall_routes(parts: Parts) -> APIRouter:
    """Return the route that follows pieces to where they are."""
    router = APIRouter(tags=["serials"])

    @router.get("/v1/recall", dependencies=[needs("read")],
                summary="Where the pieces of a lot are now, and in what")  # fmt: skip
    async def follow_pieces(request: Request) -> Response:
        """Takes the filters of `GET /v1/serials` (such as `item` and `lot`, or `supplier` and
        `received_from`). Answers with all serials they find and every assembly that holds one of
        them, up to the product that left; `summary` counts them by state and by customer.
        `POST /v1/serials/actions` with the same `filter` holds those that are here."""
        query = dict(request.query_params)

        def look() -> Json:
            run = parts.database.reader().execute
            limit, after = read_limit(query), read_place(query.pop("after", None))
            query.pop("limit", None)
            if not query:
                raise InputRefused("Say which serials: ?lot= with ?item=, ?supplier=, ?serial= …")
            chosen = set(select(parts, run, query, MOST_SERIALS))
            lives = sorted(recall(run, sorted(chosen)))
            states, customers = Counter[str](), Counter[str]()
            page: list[Json] = []
            begin = int(str(after[0])) if after else 0
            names, rules = parts.registry.public_ids, parts.registry.rules()
            shown = [life for life in lives if life > begin][: limit + 1]
            for start in range(0, len(lives), 1000):
                for row in serials_by_id(run, lives[start : start + 1000]):
                    states[row.state] += 1
                    if row.state == "shipped" and row.customer:
                        customers[row.customer] += 1
                    if row.id in shown[:limit]:
                        page.append({"found": row.id in chosen, **show_serial(row, names, rules)})
            more = (shown[limit - 1],) if len(shown) > limit else None
            return {
                "summary": {
                    "serials": len(lives),
                    "by_state": dict(states.most_common()),
                    "by_customer": dict(customers.most_common(100)),
                },
                "items": page,
                "next": write_place(more),
            }

        return answer(await parts.away(look))

    return router
