"""Notes, kept in the database. Every call is bounded in time, because a database may accept and never answer."""

import asyncio
from datetime import UTC, datetime

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

CONNECT_MS = 1000
PING_SECONDS = 1.5
QUERY_SECONDS = 5
NEWEST = 100


class DatabaseAway(Exception):
    """The database cannot be reached or did not answer in time; the text says which."""


class Notes:
    def __init__(self, uri):
        self._client = AsyncMongoClient(uri, serverSelectionTimeoutMS=CONNECT_MS, connectTimeoutMS=CONNECT_MS,
                                        socketTimeoutMS=QUERY_SECONDS * 1000, appname="sidecard-reference")
        self._notes = self._client["sidecard_reference"]["notes"]

    async def close(self):
        await self._client.close()

    async def _bounded(self, work, seconds):
        try:
            return await asyncio.wait_for(work, seconds)
        except TimeoutError as error:
            raise DatabaseAway(f"the database did not answer within {seconds:g} s") from error
        except PyMongoError as error:
            # The driver's text goes on with its whole view of the topology; the first part names the cause.
            raise DatabaseAway("the database cannot be used: " + str(error).split(" (configured timeouts", 1)[0]) from error

    async def ping(self):
        await self._bounded(self._client.admin.command("ping"), PING_SECONDS)

    async def info(self):
        async def ask():
            build = await self._client.admin.command("buildInfo")
            count = await self._notes.count_documents({})
            server = "FerretDB " + build["ferretdbVersion"].lstrip("v") if "ferretdbVersion" in build else "MongoDB " + build["version"]
            return {"server": server, "notes": count}
        return await self._bounded(ask(), QUERY_SECONDS)

    async def add(self, text):
        note = {"text": text, "created_at": datetime.now(UTC).isoformat(timespec="milliseconds")}
        result = await self._bounded(self._notes.insert_one(dict(note)), QUERY_SECONDS)
        return {"id": str(result.inserted_id), **note}

    async def newest(self):
        async def ask():
            cursor = self._notes.find({}).sort("_id", -1).limit(NEWEST)
            return [{"id": str(note["_id"]), "text": note["text"], "created_at": note["created_at"]} async for note in cursor]
        return await self._bounded(ask(), QUERY_SECONDS)
