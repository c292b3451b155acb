"""What the backend is told when it is started: flags first, then the environment, then the runtime profile."""

import argparse
import json
import os
from dataclasses import dataclass, field

MODES = ("desktop_local_fullstack", "desktop_remote_slim")
PROFILE_LIMIT = 1024 * 1024


class SettingsError(Exception):
    """Something that the backend was told makes no sense; the text says what and where."""


@dataclass(frozen=True)
class Settings:
    host: str
    port: int
    mode: str
    origin: str
    session_id: str | None
    profile_path: str | None
    mongodb_uri: str
    ollama_url: str | None
    model: str | None
    feature_flags: dict = field(default_factory=dict)


def parse_mode(text, where):
    mode = text if text.startswith("desktop_") else "desktop_" + text
    if mode not in MODES:
        raise SettingsError(f"{where}: unknown mode '{text}', expected local_fullstack or remote_slim, or these with desktop_ before")
    return mode


def parse_port(text, where):
    try:
        port = int(text)
    except ValueError:
        port = -1
    if not 1 <= port <= 65535:
        raise SettingsError(f"{where}: expected a port from 1 to 65535, got '{text}'")
    return port


def parse_url(text):
    """OLLAMA_HOST is often written without a scheme."""
    return (text if "://" in text else "http://" + text).rstrip("/")


def read_profile(path):
    try:
        with open(path, encoding="utf-8-sig") as file:
            profile = json.loads(file.read(PROFILE_LIMIT + 1))
    except OSError as error:
        raise SettingsError(f"{path}: cannot read the runtime profile: {error.strerror}") from error
    except ValueError as error:
        raise SettingsError(f"{path}: the runtime profile is not JSON: {error}") from error
    if not isinstance(profile, dict):
        raise SettingsError(f"{path}: the runtime profile is not a JSON object")
    return profile


def section(profile, name):
    """A part of the profile that has the form of an object; whoever wrote the profile has checked it, we only look."""
    value = profile.get(name)
    return value if isinstance(value, dict) else {}


def parse_arguments(argv):
    parser = argparse.ArgumentParser(description="Runs the backend.", allow_abbrev=False)
    parser.add_argument("--host", help="address to listen on (HOST, 127.0.0.1)")
    parser.add_argument("--port", help="port to listen on (PORT, local_ports.backend of the profile, 8080)")
    parser.add_argument("--runtime-mode", help="local_fullstack or remote_slim (APP_RUNTIME_MODE, mode of the profile)")
    parser.add_argument("--runtime-profile-path", help="the runtime profile as JSON (RUNTIME_PROFILE_PATH)")
    return parser.parse_args(argv)


def load(argv=None, environ=os.environ):
    flags = parse_arguments(argv)
    profile_path = flags.runtime_profile_path or environ.get("RUNTIME_PROFILE_PATH") or None
    profile = read_profile(profile_path) if profile_path else {}
    ports = section(profile, "local_ports")
    llm = section(profile, "llm_defaults")

    def first(*candidates):
        """The first of (name, value) that was given."""
        return next(((name, str(value)) for name, value in candidates if value), (None, None))

    where, port = first(("--port", flags.port), ("PORT", environ.get("PORT")),
                        ("local_ports.backend", ports.get("backend")), ("default", 8080))
    port = parse_port(port, where)
    where, mode = first(("--runtime-mode", flags.runtime_mode), ("APP_RUNTIME_MODE", environ.get("APP_RUNTIME_MODE")),
                        ("mode", profile.get("mode")), ("default", "local_fullstack"))
    mode = parse_mode(mode, where)

    # The model is ours to ask only where the profile says that the provider is Ollama, or somebody started one for us.
    ollama = environ.get("OLLAMA_HOST")
    if not ollama and llm.get("provider") == "ollama":
        ollama = llm.get("base_url") or f"127.0.0.1:{ports.get('ollama') or 11434}"
    model = environ.get("OLLAMA_MODEL") or (llm.get("model") if llm.get("provider") == "ollama" else None)

    return Settings(
        host=flags.host or environ.get("HOST") or "127.0.0.1",
        port=port,
        mode=mode,
        origin=environ.get("APP_BACKEND_ORIGIN") or str(profile.get("backend_origin") or "local"),
        session_id=environ.get("DESKTOP_SESSION_ID") or None,
        profile_path=profile_path,
        mongodb_uri=environ.get("MONGODB_URI") or f"mongodb://127.0.0.1:{ports.get('mongo') or 27017}",
        ollama_url=parse_url(ollama) if ollama else None,
        model=model,
        feature_flags=section(profile, "feature_flags"))
