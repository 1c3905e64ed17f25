"""In which line of a TOML or YAML file a value stands, so that a complaint can be followed."""

import re
from collections.abc import Sequence

import yaml

Where = Sequence[str | int]
HEADER = re.compile(r"\s*\[\[?\s*(?P<keys>[^\]]+?)\s*\]\]?\s*(#.*)?")


def line_in_yaml(text: str, where: Where) -> int | None:
    """The line, from 1, of the innermost part of `where` (keys and indexes) that there is."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = None
    for step in where:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        elif isinstance(node, yaml.MappingNode):
            found = next((pair for pair in node.value if pair[0].value == str(step)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        else:
            break
    return line


def twice_in_yaml(text: str) -> tuple[str, int] | None:
    """A key that one mapping has twice, of which YAML readers silently take the last, and its second line."""
    nodes = [yaml.compose(text, Loader=yaml.SafeLoader)]
    visited: set[int] = set()  # an alias may lead back to where it stands
    while nodes:
        node = nodes.pop()
        if id(node) in visited:
            continue
        visited.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            nodes.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            if twice := _twice(node):
                return twice
            nodes.extend(value for _, value in node.value)
    return None


def _twice(node: yaml.MappingNode) -> tuple[str, int] | None:
    seen: set[str] = set()
    for key, _ in node.value:
        told = str(key.value)
        if told in seen:
            return told, key.start_mark.line + 1
        seen.add(told)
    return None


def line_in_toml(text: str, where: Where) -> int | None:
    """The same of TOML, whose readers tell no lines: the headers and keys are looked for in the text."""
    lines = text.splitlines()
    section = _section(lines, where)
    if section is None:
        return None
    first, last = section
    keys = [step for step in where if isinstance(step, str)][1:]
    while keys:
        key = re.compile(r"(?:^|[\s{,.\[\"'])" + re.escape(keys.pop()) + r"[\"']?\s*(?:[=.\]]|$)")
        found = next((number for number in range(first, last) if key.search(_code(lines[number]))), None)
        if found is not None:
            return found + 1
    return first + 1


def _section(lines: Sequence[str], where: Where) -> tuple[int, int] | None:
    """The lines of the table that `where` begins with, e.g. the second `[[tables]]` and what belongs to it."""
    name = str(where[0])
    nth = next((step for step in where[1:2] if isinstance(step, int)), 0)
    heads = [(number, found["keys"]) for number, line in enumerate(lines) if (found := HEADER.fullmatch(line))]
    starts = [number for number, keys in heads if keys == name]
    if nth >= len(starts):
        return None
    ends = (number for number, keys in heads if number > starts[nth] and not keys.startswith(name + "."))
    return starts[nth], next(ends, len(lines))


def _code(line: str) -> str:
    return line.split("#", 1)[0]
