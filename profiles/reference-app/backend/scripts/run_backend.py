#!/usr/bin/env python3
"""Runs the backend in the foreground until SIGTERM or SIGINT."""

import sys
from pathlib import Path

import uvicorn
from pymongo.errors import PyMongoError

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app import api, settings  # noqa: E402  the path must be set first

# What is still being answered at SIGTERM gets this long; a supervisor's grace is longer.
SHUTDOWN_SECONDS = 3


def main():
    try:
        chosen = settings.load()
        application = api.create(chosen)
    except settings.SettingsError as error:
        sys.exit(f"run_backend: {error}")
    except PyMongoError as error:  # an address that the driver cannot read
        sys.exit(f"run_backend: MONGODB_URI: {error}")
    uvicorn.run(application, host=chosen.host, port=chosen.port, log_level="info",
                timeout_graceful_shutdown=SHUTDOWN_SECONDS, timeout_keep_alive=30)


if __name__ == "__main__":
    main()
