"""Questions to the model that Ollama runs."""

import httpx

ANSWER_SECONDS = 120
STATUS_SECONDS = 2


class ModelAway(Exception):
    """No answer from the model; the text says why."""


class Model:
    def __init__(self, url, name):
        self.url = url
        self.name = name
        # Ollama is on this machine or named outright: never by way of a proxy from the environment.
        self._client = httpx.AsyncClient(base_url=url, trust_env=False, timeout=ANSWER_SECONDS) if url else None

    async def close(self):
        if self._client:
            await self._client.aclose()

    async def _call(self, method, path, **options):
        if not self._client:
            raise ModelAway("no Ollama is configured: llm_defaults.provider of the profile is not 'ollama'")
        try:
            answer = await self._client.request(method, path, **options)
            body = answer.json()
        except httpx.TimeoutException as error:
            raise ModelAway(f"Ollama at {self.url} did not answer in time") from error
        except (httpx.HTTPError, ValueError) as error:
            raise ModelAway(f"Ollama at {self.url} cannot be used: {error}") from error
        if answer.status_code != 200:
            raise ModelAway(f"Ollama says: {body.get('error', answer.status_code)}")
        return body

    async def info(self):
        version = await self._call("GET", "/api/version", timeout=STATUS_SECONDS)
        tags = await self._call("GET", "/api/tags", timeout=STATUS_SECONDS)
        names = [entry["name"] for entry in tags.get("models") or []]
        wanted = self.name if self.name and ":" in self.name else f"{self.name}:latest"
        return {"server": "Ollama " + version["version"], "model": self.name, "available": wanted in names}

    async def ask(self, question):
        if self._client and not self.name:
            raise ModelAway("no model is configured: set llm_defaults.model in the profile")
        body = await self._call("POST", "/api/generate", json={"model": self.name, "prompt": question, "stream": False})
        return body["response"].strip()
