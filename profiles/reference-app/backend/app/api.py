"""The backend's HTTP interface."""

import asyncio
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, StringConstraints

from . import BUILD
from .model import Model, ModelAway
from .notes import DatabaseAway, Notes

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class NewNote(BaseModel):
    text: Text


class Question(BaseModel):
    question: Text


def create(settings):
    notes = Notes(settings.mongodb_uri)
    model = Model(settings.ollama_url, settings.model)

    @asynccontextmanager
    async def lifespan(_app):
        yield
        await notes.close()
        await model.close()

    api = FastAPI(title="Reference backend", version=BUILD, lifespan=lifespan, docs_url=None, redoc_url=None)

    @api.middleware("http")
    async def name_the_build(request: Request, call_next):
        """So that a probe can tell this build from whatever else answers on the port."""
        answer = await call_next(request)
        answer.headers["X-App-Build"] = BUILD
        return answer

    @api.exception_handler(DatabaseAway)
    async def database_away(_request, error):
        return JSONResponse({"error": {"code": "database_away", "message": str(error)}}, status_code=503)

    @api.exception_handler(ModelAway)
    async def model_away(_request, error):
        return JSONResponse({"error": {"code": "model_away", "message": str(error)}}, status_code=503)

    @api.get("/health/live")
    async def live():
        return {"status": "live"}

    @api.get("/health/ready")
    async def ready():
        try:
            await notes.ping()
        except DatabaseAway as error:
            return JSONResponse({"status": "not_ready", "reason": str(error)}, status_code=503)
        return {"status": "ready"}

    @api.get("/runtime/info")
    async def info():
        return {
            "mode": settings.mode,
            "backend_origin": settings.origin,
            "session_id": settings.session_id,
            "build": BUILD,
            "profile_path": settings.profile_path,
            "model": settings.model,
            "feature_flags": settings.feature_flags,
        }

    @api.get("/status")
    async def status():
        """What the page shows of the parts behind the backend; one that is away does not hide the other."""
        parts = await asyncio.gather(notes.info(), model.info(), return_exceptions=True)
        shown = {}
        for name, part in zip(("database", "model"), parts, strict=True):
            if isinstance(part, (DatabaseAway, ModelAway)):
                shown[name] = {"ok": False, "reason": str(part)}
            elif isinstance(part, BaseException):
                raise part
            else:
                shown[name] = {"ok": True, **part}
        return shown

    @api.get("/notes")
    async def list_notes():
        return {"notes": await notes.newest()}

    @api.post("/notes", status_code=201)
    async def add_note(note: NewNote):
        return await notes.add(note.text)

    @api.post("/ask")
    async def ask(question: Question):
        return {"model": model.name, "answer": await model.ask(question.question)}

    return api
