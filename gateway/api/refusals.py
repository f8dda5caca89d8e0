"""How an application answers what its routes refuse: always with a problem document."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from gateway.api.problems import answer
from gateway.api.reading import say
from gateway.errors import GatewayError, InputRefused, NotNow, Unknown, Unreadable


def add_refusals(app: FastAPI) -> None:
    """Let the application answer every refusal with a problem."""
    app.add_exception_handler(GatewayError, _refuse)
    app.add_exception_handler(RequestValidationError, _refuse_parameters)
    app.add_exception_handler(HTTPException, _refuse_route)


def _respond(error: GatewayError) -> Response:
    problem = answer(error)
    return Response(problem.body, problem.status, headers=problem.headers)


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, GatewayError)
    return _respond(error)


async def _refuse_parameters(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return _respond(wrong_parameter(error))


def wrong_parameter(error: RequestValidationError) -> InputRefused:
    """Return the refusal of a parameter that is not of its kind.

    Bodies are read by hand, so what is wrong stands in the path, the query or a header.
    """
    first = error.errors()[0]
    where, *names = first["loc"]
    name = ".".join(map(str, names))
    shown = f"?{name}" if where == "query" else f"The {where}'s {name}"
    reason = str(first["msg"]).removeprefix("Input ")
    return InputRefused(f"{shown} {reason}, got {say(first.get('input'))}.", key=name)


async def _refuse_route(request: Request, error: Exception) -> Response:
    """Nothing is at the path, or not for this method, or the body could not be read."""
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, GatewayError):  # met while the framework read the body
        return _respond(error.__cause__)
    path = request.url.path[:200]
    if error.status_code == 404:
        return _respond(Unknown(f"There is nothing at {path}; /openapi.json lists what there is."))
    if error.status_code == 405:
        problem = answer(NotNow(f"{path} does not take {request.method}."))
        allow = (error.headers or {}).get("Allow", "")
        body = problem.body.replace(b'"status":409', b'"status":405')
        return Response(body, 405, headers={**problem.headers, "allow": allow})
    return _respond(Unreadable(f"The request could not be read: {error.detail}."))
