"""The editor's page and its files, all from this package.

/editor ──► the label worked on last      /editor/{name} ──► one page, one script, one style sheet
static/texts.json ──words──► words-de.json: what the script says, in the language of whoever looks
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from importlib.resources import files
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway.api.access import ACTOR, OPEN, Actor, needs
from gateway.console.asking import Asked
from gateway.console.files import FOR_EVER, KINDS
from gateway.console.frame import Frame
from gateway.console.words import LANGUAGES, translate
from gateway.errors import Unknown

FIRST = "serial-label"
"""The built-in label that is open when nobody has worked on one yet."""

_FOLDER = files("label_editor") / "static"


KINDS_OF_FILES = {
    "editor.js": KINDS["js"],
    "editor.css": KINDS["css"],
    **{f"words-{language}.json": "application/json" for language in LANGUAGES},
}
"""The files there are, by name, and their content types."""


@cache
def _file(name: str) -> tuple[bytes, str]:
    if name.startswith("words-"):
        said = words(name.removeprefix("words-").removesuffix(".json"))
        content = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    else:
        content = (_FOLDER / name).read_bytes()
    return content, sha256(content).hexdigest()[:16]


def asset(name: str) -> str:
    """Return where a file is, with its version."""
    return f"/editor/files/{name}?v={_file(name)[1]}"


@cache
def texts() -> tuple[str, ...]:
    """Return everything the script says, in English."""
    return tuple(json.loads((_FOLDER / "texts.json").read_bytes()))


@cache
def words(language: str) -> dict[str, str]:
    """Return the script's texts in a language; those it says as they are, are left out."""
    found = {text: translate(text, language) for text in texts()}
    return {text: said for text, said in found.items() if said != text}


def editor_pages(frame: Frame) -> APIRouter:
    """Return the routes of the editor."""
    router = frame.router()

    @router.get("/editor", dependencies=[needs("read")])
    async def lead(api: Asked) -> Response:
        return RedirectResponse(f"/editor/{quote(await _last(api))}", 303)

    @router.get("/editor/files/{name}", dependencies=[needs(OPEN)])
    async def get_file(name: str, request: Request) -> Response:
        if name not in KINDS_OF_FILES:
            raise Unknown(f"There is no file {name[:80]!r}.", name=name[:80])
        content, version = _file(name)
        known = request.query_params.get("v") == version
        return Response(
            content,
            media_type=KINDS_OF_FILES[name],
            headers={"cache-control": FOR_EVER if known else "no-cache"},
        )

    @router.get("/editor/{name}", dependencies=[needs("read")])
    async def edit(name: str, request: Request, api: Asked) -> Response:
        language = frame.language(request)
        actor: Actor = request.scope[ACTOR]
        about = {
            "name": name,
            "language": language,
            "words": asset(f"words-{language}.json") if words(language) else "",
            "me": actor.name,
            "may": {scope: api.may(scope) for scope in ("templates", "print")},
            "approval": bool(frame.parts.settings.all()["labels.approval"]),
            "fresh": name == FIRST and not await _worked_on(api),
        }
        return frame.page(request, "editor.html", about=about, built=asset)

    return router


async def _last(api: Asked) -> str:
    """Return the name of the label that somebody has worked on last."""
    found = await _worked_on(api)
    return max(found)[1] if found else FIRST


async def _worked_on(api: Asked) -> list[tuple[str, str]]:
    """Return when each label was saved last, published or not, and its name; not the built-in."""
    listed = (await api.get("/v1/templates", limit=500))["items"]
    drafts = (await api.get("/v1/drafts"))["items"]
    mine = [one for one in listed if one["actor"] != "gateway"]
    return [(one["saved_at"], one["name"]) for one in (*mine, *drafts)]
