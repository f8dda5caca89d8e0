"""Long answers, sent as they are made: reports and exports of any length in little memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Literal

from fastapi import Response
from starlette.responses import StreamingResponse

from gateway.api.parts import Parts

Format = Literal["csv", "xlsx", "json"]

MEDIA: dict[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


async def stream(parts: Parts, pieces: Iterator[bytes], media: str, name: str) -> Response:
    """Return pieces as an answer that browsers save as a file of that name.

    The first piece is made before the answer begins, so that what is refused is refused well.
    """

    def next_piece() -> bytes | None:
        return next(pieces, None)

    first = await parts.away(next_piece)

    async def send() -> AsyncIterator[bytes]:
        piece = first
        while piece is not None:
            yield piece
            piece = await parts.away(next_piece)

    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(send(), media_type=media, headers=headers)
