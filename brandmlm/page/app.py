"""The application: routes, from requests to the workbench's answers."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from brandmlm.core.errors import UserError
from brandmlm.page.brand_words import LISTS, NOWHERE, ChangedError
from brandmlm.page.guard import MAX_BODY, Guard, TooLong
from brandmlm.page.workbench import KINDS, Workbench

HERE: Final = Path(__file__).parent

TABS: Final = {"sentence": "Sentence", "text": "Text", "results": "Results", "lexicon": "Words"}

Line = Annotated[str, Field(max_length=MAX_BODY)]


class Body(BaseModel):
    """What a request says: these keys and no others."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Sentence(Body):
    sentence: Line
    word: Line | None = None


class Asked(Body):
    sentence: Line
    word: Line


class Checked(Body):
    text: Line
    kind: Line


class WordEdit(Body):
    word: Line
    target: Line


class Saved(WordEdit):
    digest: Line


Parsed = TypeVar("Parsed", bound=Body)

Endpoint = Callable[[Request], Awaitable[Response]]


def _posted(model: type[Parsed], answer: Callable[[Parsed], dict[str, Any]]) -> Endpoint:
    """An endpoint that reads a body of this model and answers with an object."""

    async def endpoint(request: Request) -> Response:
        try:
            body = model.model_validate_json(await request.body())
        except ValidationError:
            raise HTTPException(422, "The page sent something that this server does not know; load it again.") from None
        return JSONResponse(await run_in_threadpool(answer, body))

    return endpoint


def _got(answer: Callable[[], dict[str, Any]]) -> Endpoint:
    async def endpoint(_: Request) -> Response:
        return JSONResponse(await run_in_threadpool(answer))

    return endpoint


async def _told(_: Request, error: Exception) -> Response:
    """A mistake that the user can fix, in a sentence."""
    return JSONResponse({"error": str(error)}, 409 if isinstance(error, ChangedError) else 400)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code)


async def _failed(_: Request, error: Exception) -> Response:
    """A fault of ours: its traceback is for the terminal alone."""
    if isinstance(error, TooLong):
        raise error
    traceback.print_exception(error, file=sys.stderr)
    return JSONResponse({"error": "Something went wrong here; the terminal says what."}, 500)


def make_app(workbench: Workbench) -> ASGIApp:
    """The application that serves the page; see `guard` for what it refuses."""
    environment = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined)
    page = environment.get_template("page.html")

    async def index(_: Request) -> Response:
        shown = {"brand": workbench.brand(), "examples": workbench.examples()}
        lists = [*LISTS.items(), (NOWHERE, "no list")]
        return HTMLResponse(page.render(tabs=list(TABS.items()), lists=lists, kinds=list(KINDS.items()), **shown))

    routes = [
        Route("/", index),
        Route("/api/fill", _posted(Sentence, lambda body: workbench.fill(body.sentence, body.word)), methods=["POST"]),
        Route("/api/why", _posted(Asked, lambda body: workbench.why(body.sentence, body.word)), methods=["POST"]),
        Route("/api/check", _posted(Checked, lambda body: workbench.check(body.text, body.kind)), methods=["POST"]),
        Route("/api/suite", _got(workbench.suite)),
        Route("/api/lexicon", _got(workbench.lexicon)),
        Route(
            "/api/preview", _posted(WordEdit, lambda body: workbench.preview(body.word, body.target)), methods=["POST"]
        ),
        Route(
            "/api/save", _posted(Saved, lambda body: workbench.save(body.word, body.target, body.digest)),
            methods=["POST"],
        ),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]  # fmt: skip
    handlers = {UserError: _told, HTTPException: _refused, Exception: _failed}
    return Guard(Starlette(routes=routes, exception_handlers=handlers))
