"""YAML as a profile means it: the 1.2 core schema with less (docs/profile.md, 'YAML').

PyYAML reads 1.1, so its resolvers and constructors of scalars are replaced.
"""

import re

import yaml


class CoreLoader(yaml.SafeLoader):
    yaml_implicit_resolvers = {}


def _resolve(tag: str, pattern: str) -> None:
    CoreLoader.add_implicit_resolver(tag, re.compile(pattern), None)


_resolve("tag:yaml.org,2002:null", r"^(?:~|null|Null|NULL|)$")
_resolve("tag:yaml.org,2002:bool", r"^(?:true|false)$")
_resolve("tag:yaml.org,2002:int", r"^[-+]?[0-9]+$")
_resolve("tag:yaml.org,2002:float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$")

CoreLoader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value, 10))
CoreLoader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(node.value))


def load(text: str):
    return yaml.load(text, Loader=CoreLoader)
