"""The API's description (OpenAPI 3.1): FastAPI's own, and what the hand-read routes add to it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from gateway.api.access import every_route, scope_of
from gateway.api.changes import acts_once
from gateway.api.registry.document_schemas import DOCUMENT_BODIES
from gateway.api.registry.serial_schemas import SERIAL_BODIES
from gateway.api.registry.source_schemas import SOURCE_BODIES
from gateway.api.registry.thing_schemas import THING_BODIES
from gateway.api.schemas import ACCEPTED, BODIES, REFUSED, AcceptedBody, Problem

_BODIES = BODIES | SERIAL_BODIES | DOCUMENT_BODIES | THING_BODIES | SOURCE_BODIES

REF = "#/components/schemas/{model}"

WORDS = """Posts labels to thermal printers and knows of each one whether it is on paper.

Programs on the gateway's own computer need no key until an administrator closes that; others send
`Authorization: Bearer gw_…`. A POST that prints, decides or changes may carry an `Idempotency-Key`:
the same request again gets the same answer, for seven days, and acts once. Refusals are problem
documents (RFC 9457).
"""

_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key and body again get the same answer.",
    "schema": {"type": "string", "maxLength": 200},
}


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the description of all routes."""
    described = FastAPI.openapi(app)
    described["info"]["description"] = WORDS
    paths: dict[str, Any] = described.setdefault("paths", {})
    paths.setdefault("/v1/jobs", {})["post"] = _accepting()
    paths["/v1/events"] = {"get": _listening()}
    _, schemas = models_json_schema(
        [(model, "validation") for model, _ in _BODIES.values()]
        + [(AcceptedBody, "validation"), (Problem, "validation")],
        ref_template=REF,
    )
    components = described.setdefault("components", {})
    components.setdefault("schemas", {}).update(schemas["$defs"])
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    described["security"] = [{"key": []}, {}]
    for (method, path), (model, example) in _BODIES.items():
        paths[path][method]["requestBody"] = {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": REF.format(model=model.__name__)},
                    "example": example,
                }
            },
        }
    for route in every_route(app.routes):
        if acts_once(route):
            for method in getattr(route, "methods", ()):
                operation = paths[_path(route)][method.lower()]
                operation.setdefault("parameters", []).append(_KEY)
    scopes = {
        (method.lower(), _path(route)): scope_of(route)
        for route in every_route(app.routes)
        for method in getattr(route, "methods", None) or ()
    }
    for path, operations in paths.items():
        for method, operation in operations.items():
            operation["x-scope"] = scopes.get((method, path))
            responses = operation.setdefault("responses", {})
            responses.pop("422", None)
            responses["default"] = _refusal()
    return described


def _path(route: object) -> str:
    """Return a route's path as the description writes it: ``{id}`` for ``{id:path}``."""
    path: str = getattr(route, "path_format", getattr(route, "path", ""))
    return path


def _refusal() -> dict[str, Any]:
    return {
        "description": "Refused; `type` names the page that explains it.",
        "content": {
            "application/problem+json": {
                "schema": {"$ref": REF.format(model="Problem")},
                "example": REFUSED,
            }
        },
    }


def _accepting() -> dict[str, Any]:
    return {
        "tags": ["jobs"],
        "summary": "Print labels",
        "description": "Answers once the job is durable. `?dry_run=1` checks everything, stores "
        "nothing, and answers with pictures of the first ten labels.",
        "operationId": "accept_job",
        "parameters": [
            {"name": "dry_run", "in": "query", "schema": {"type": "integer", "enum": [0, 1]}},
            _KEY,
        ],
        "responses": {
            "200": {"description": "A dry run: `pictures` hold PNG in base 64."},
            "201": {
                "description": "Accepted and durable.",
                "headers": {"Location": {"schema": {"type": "string"}}},
                "content": {
                    "application/json": {
                        "schema": {"$ref": REF.format(model="AcceptedBody")},
                        "example": ACCEPTED,
                    }
                },
            },
        },
    }


def _listening() -> dict[str, Any]:
    number = {"type": "integer", "minimum": 0}
    return {
        "tags": ["events"],
        "summary": "Listen to everything that changes",
        "description": "Server-sent events, each a CloudEvents 1.0 object. After a lost connection "
        "`Last-Event-ID` goes on without a gap; without it the stream begins now. With `Upgrade: "
        'websocket` the same comes over a WebSocket, an event a text message; `{"after": 41}` at '
        "the start and in silence is a sign of life and the place to come back to.",
        "operationId": "listen",
        "parameters": [
            {"name": "Last-Event-ID", "in": "header", "schema": number},
            {"name": "after", "in": "query", "schema": number},
            {
                "name": "kind",
                "in": "query",
                "description": "`job.done`, or `job` for all of them; may come several times.",
                "schema": {"type": "array", "items": {"type": "string"}},
            },
            {
                "name": "station",
                "in": "query",
                "description": "Only what happens at the station of that name; may come several "
                "times.",
                "schema": {"type": "array", "items": {"type": "string"}},
            },
        ],
        "responses": {"200": {"description": "The stream.", "content": {"text/event-stream": {}}}},
    }
