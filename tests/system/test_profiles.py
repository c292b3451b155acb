"""The profiles that come with the project are what profile.md asks for, in both formats."""

import json
import subprocess

import jsonschema
import pytest
import yaml
from conftest import PROFILES
from runtime import ROOT, clean_environment

MODES = ["local_fullstack", "remote_slim"]
FILES = [PROFILES / f"{mode}.{suffix}" for mode in MODES for suffix in ("yaml", "json")] + [ROOT / "scripts" / "demo-backend.yaml"]


def read(path):
    return json.loads(path.read_text()) if path.suffix == ".json" else yaml.safe_load(path.read_text())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_program_accepts_it(sidecard, path):
    ended = subprocess.run([sidecard, "validate", path], env=clean_environment(), capture_output=True, text=True, timeout=30)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_schema_accepts_it(path):
    schema = json.loads((ROOT / "schemas" / "runtime-profile.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(read(path))


@pytest.mark.parametrize("mode", MODES)
def test_both_formats_carry_the_same_document(mode):
    assert read(PROFILES / f"{mode}.yaml") == read(PROFILES / f"{mode}.json")


@pytest.mark.parametrize("mode, names", [("local_fullstack", {"mongo", "ollama", "backend", "web"}), ("remote_slim", {"web"})])
def test_what_the_plan_launches(sidecard, parts, mode, names):
    ended = subprocess.run([sidecard, "plan", "--json", PROFILES / f"{mode}.yaml"], env=clean_environment(),
                           capture_output=True, text=True, timeout=30)
    plan = json.loads(ended.stdout)
    assert plan["mode"] == mode and {spec["name"] for spec in plan["specs"]} == names
