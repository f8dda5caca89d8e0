"""The record of what happened: its head, the proof that it is whole, its counters made anew."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway.api.access import Who, needs
from gateway.api.parts import Parts
from gateway.api.showing import Json, answer, rfc3339
from gateway.errors import InputRefused
from gateway.registry.refusals import RegistryRefused
from gateway.store.engine import Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.counting import rebuild
from gateway.store.registry.proving import STRETCH, Trouble
from gateway.store.registry.verifying import VERIFIED, Anchor, Verdict, head_of, rows_of, verify
from gateway.works import Progress


def record_routes(parts: Parts) -> APIRouter:
    """Return the routes of the record as a whole."""
    router = APIRouter(prefix="/v1/registry", tags=["registry"])
    run = parts.database.reader

    async def judge(anchor: Anchor | None = None) -> Verdict:
        left = threading.Event()
        # On a thread of its own kind: those of ``parts.pool`` draw labels meanwhile.
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(
                None,
                lambda: verify(run().execute, anchor=anchor, going=lambda: not left.is_set()),
            )
        finally:
            left.set()

    def prove(progress: Progress, anchor: Anchor | None, actor: str) -> str:
        """Prove the record as a work; the verdict is kept, so that health can show it."""
        of, done = rows_of(run().execute), 0

        def going() -> bool:
            nonlocal done
            progress.tell(min(done, of), of, "Every event and every serial is being proved.")
            done += STRETCH
            return True

        verdict = verify(run().execute, anchor=anchor, going=going)
        sentence = _say(verdict)
        at = now()
        kept = json.dumps({"at": rfc3339(at), "whole": verdict.whole, "sentence": sentence})

        def work(t: Transaction) -> None:
            t.execute(
                "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = ?",
                (VERIFIED, kept, kept),
            )
            body = {"whole": verdict.whole, "sentence": sentence}
            tell(t, at, "registry.verified", "registry", actor, body)

        parts.database.run(work)
        return sentence

    @router.get("/chain", dependencies=[needs("read")], summary="The head of the chain of events")
    async def get_chain() -> Response:
        """Keep `seq` and `hash` outside of this computer, on paper or in another system, and give
        them to `verify` later: they prove that nothing up to there was written anew."""
        return answer(show_head(head_of(run().execute)))

    @router.post("/verify", dependencies=[needs("admin")], summary="Prove that the record is whole")
    async def verify_record(
        who: Who,
        seq: Annotated[int | None, Query(ge=1, description="An event whose hash was kept.")] = None,
        hash: Annotated[str, Query(description="Its hash, in hexadecimal.")] = "",
        work: Annotated[bool, Query(description="Answer at once, and do it as a work.")] = False,
    ) -> Response:
        """Derives states, places and counters from the movements again, and every hash. Answers
        with the first rows that disagree. It takes a minute for some million serials; people can
        work meanwhile. With `work` it answers 202 and where its progress is seen."""
        anchor = None
        if seq is not None or hash:
            if seq is None or not re.fullmatch("[0-9a-f]{64}", hash):
                raise InputRefused(
                    "Give 'seq' and 'hash' together, the hash as the 64 characters that "
                    "/v1/registry/chain showed.",
                    key="hash",
                )
            anchor = Anchor(seq, bytes.fromhex(hash))
        if work:
            started = parts.works.start(
                "Prove the record", who.name, lambda progress: prove(progress, anchor, who.name),
                to="/health",
            )  # fmt: skip
            links = {"work": f"/v1/works/{started}"}
            return answer({"work": str(started), "links": links}, 202)
        return answer(show_verdict(await judge(anchor)))

    @router.post("/rebuild", dependencies=[needs("admin")], summary="Count stock and lines anew")
    async def rebuild_counters(
        who: Who,
        confirm: Annotated[str, Query(description="The token of the refusal that asked.")] = "",
    ) -> Response:
        """Writes the counters as the movements say. The record itself nothing can rewrite: where
        it is damaged, this is refused."""
        verdict = await judge()
        if not verdict.record_whole:
            first = next(one for one in verdict.troubles if one.kind in ("chain", "serials"))
            refusal = RegistryRefused(
                "event_chain_broken",
                f"Counters cannot be made from a damaged record: {first.detail}",
            )
            refusal.facts |= first.facts
            raise refusal
        if not verdict.troubles:
            return answer({"rebuilt": False, **show_verdict(verdict)})
        found = [trouble.detail for trouble in verdict.troubles]
        token = sha256("\n".join(found).encode()).hexdigest()[:24]
        if confirm != token:
            raise RegistryRefused(
                "confirmation_required",
                f"{found[0]} Confirm to write such counters anew.", token=token,
                consequences=found,
            )  # fmt: skip
        await parts.database.write(lambda t: rebuild(t, who.name))
        return answer({"rebuilt": True, **show_verdict(await judge())})

    return router


def _say(verdict: Verdict) -> str:
    if verdict.whole:
        return (
            f"The record is whole: {verdict.events} events and {verdict.serials} serials are what "
            "happened."
        )
    return f"The record is not whole: {verdict.troubles[0].detail}"


def show_head(head: Anchor | None) -> Json:
    """Return the head of the chain; 0 and no hash where nothing has happened yet."""
    if head is None:
        return {"seq": 0, "hash": "", "at": None}
    return {"seq": head.seq, "hash": head.hash.hex(), "at": rfc3339(head.at)}


def show_verdict(verdict: Verdict) -> Json:
    """Return what was looked at and what disagrees."""
    return {
        "whole": verdict.whole,
        "events": verdict.events,
        "movements": verdict.movements,
        "serials": verdict.serials,
        "head": show_head(verdict.head),
        "troubles": [_show_trouble(trouble) for trouble in verdict.troubles],
    }


def _show_trouble(trouble: Trouble) -> Json:
    return {
        "kind": trouble.kind,
        "row": trouble.row,
        "detail": trouble.detail,
        "facts": dict(trouble.facts),
    }
