"""The shell scripts are free of what shellcheck finds."""

import subprocess

from runtime import ROOT


def test_shellcheck():
    scripts = ROOT / "scripts"
    files = [path for path in scripts.rglob("*") if path.is_file() and (path.suffix == ".sh" or path.read_bytes().startswith(b"#!/usr/bin/env bash"))]
    files.append(ROOT / ".ci" / "run")
    ended = subprocess.run(["shellcheck", "--external-sources", *files], capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stdout
    assert len(files) > 10
