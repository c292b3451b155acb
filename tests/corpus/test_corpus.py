"""The program and the schema judge every document of the corpus alike.

good/ passes both. bad-form/ is refused by both: types, ranges, unknown and missing keys. What is in bad-meaning/ no
schema can see (a cycle, a port used twice) or a stock validator never gets to (no JSON at all): the program refuses it
alone.
"""

import json
import os
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest

import core_yaml

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(__file__).resolve().parent / "profiles"
SCHEMA = json.loads((ROOT / "schemas" / "runtime-profile.schema.json").read_text(encoding="utf-8"))
PROGRAM = os.environ["SIDECARD_BIN"]

INVALID = 3
LINE = re.compile(r"^(?P<file>.+?)(:\d+:\d+)?: .+$")


def documents(folder: Path) -> list:
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return [pytest.param(path, id=path.name) for path in files]


def load(path: Path):
    text = path.read_text(encoding="utf-8-sig")
    return json.loads(text) if path.suffix == ".json" else core_yaml.load(text)


def validate(path: Path, *flags: str) -> subprocess.CompletedProcess:
    # Nothing of the tester's own environment may decide: it could name a mode, a port or a backend.
    environment = {"HOME": "/nonexistent", "PATH": "/usr/bin:/bin"}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"):
        if name in os.environ:
            environment[name] = os.environ[name]
    command = [PROGRAM, "validate", *flags, str(path)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def schema_errors(path: Path) -> list:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    return [error.message for error in validator.iter_errors(load(path))]


def test_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", documents(CORPUS / "good"))
def test_good(path: Path):
    assert schema_errors(path) == []
    result = validate(path)
    assert (result.returncode, result.stderr.count(f"{path}:")) == (0, 0), result.stderr


@pytest.mark.parametrize("path", documents(CORPUS / "bad-form"))
def test_bad_form(path: Path):
    assert schema_errors(path) != []
    assert_refused(path)


@pytest.mark.parametrize("path", documents(CORPUS / "bad-meaning"))
def test_bad_meaning(path: Path):
    assert_refused(path)


@pytest.mark.parametrize("path", [p for p in documents(ROOT / "profiles") if p.values[0].suffix in (".json", ".yaml")])
def test_examples_are_good(path: Path):
    assert schema_errors(path) == []
    result = validate(path)
    assert result.returncode == 0, result.stderr


def documented() -> list:
    """The whole profiles in docs/profile.md: fenced blocks that give a mode."""
    text = (ROOT / "docs" / "profile.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(json|yaml)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [block for block in blocks if re.search(r'^\s*"?mode"?:', block[1], re.MULTILINE)]


@pytest.mark.parametrize("ending, text", documented())
def test_documented_profiles_are_good(tmp_path: Path, ending: str, text: str):
    path = tmp_path / f"sidecard.{ending}"
    path.write_text(text, encoding="utf-8")
    assert schema_errors(path) == []
    result = validate(path)
    assert result.returncode == 0, result.stderr


def assert_refused(path: Path):
    """Exit code 3, every problem a line that begins with the file as it was given, and the same as a list."""
    result = validate(path)
    assert result.returncode == INVALID, result.stderr
    lines = result.stderr.splitlines()
    assert lines
    for line in lines:
        match = LINE.match(line)
        assert match and match["file"] == str(path), line
    listed = json.loads(validate(path, "--json").stdout)
    assert len(listed) == len(lines)
    for problem, line in zip(listed, lines):
        where = f":{problem['line']}:{problem['column']}" if problem["line"] else ""
        key = f"{problem['path']}: " if problem["path"] else ""
        assert f"{problem['file']}{where}: {key}{problem['message']}" == line
