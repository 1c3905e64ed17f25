"""Docs name only what is there."""

import importlib
import re
from functools import cache

import pytest
from typer.main import get_command

from analytics_pipelines.catalog.tables import TABLES
from analytics_pipelines.foundation.settings_docs import env_example, settings_page
from analytics_pipelines.sql_service.catalog import catalog_page
from analytics_pipelines_tests.house_rules.repository import ROOT, committed_files, files_of, short

HISTORY = (ROOT / "docs" / "decisions", ROOT / "CHANGELOG.md")
PAGES = [file for file in files_of(ROOT, ".md") if not any(file.is_relative_to(old) for old in HISTORY)]
CHECKED_ENDS = (".py", ".md", ".toml", ".yaml", ".yml", ".sql", ".example")
CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"(?:^|[\s`(])(?:uv run |\.venv/bin/)?(analytics|make) ([a-z][a-z-]*)")
MODULE = re.compile(r"\banalytics_pipelines(?:\.\w+)+\b")
pages = pytest.mark.parametrize("page", [pytest.param(page, id=short(page)) for page in PAGES])


def code_in(text: str) -> list[str]:
    """Everything that is set as code, blocks line by line."""
    blocks = [line for block in FENCE.findall(text) for line in block.splitlines()]
    return blocks + CODE.findall(FENCE.sub("", text))


@cache
def ends_of_paths() -> frozenset[str]:
    """Every way to name a file or folder of ours from its end: `a/b/c`, `b/c` and `c`."""
    paths = {path for file in committed_files() for path in (file, *file.parents) if path.is_relative_to(ROOT)}
    parts = [path.relative_to(ROOT).parts for path in paths]
    return frozenset("/".join(each[start:]) for each in parts for start in range(len(each)))


def named_paths(text: str) -> set[str]:
    """Code that can only be the name of a file of ours."""
    words = {word for code in code_in(text) for word in [code.strip().rstrip("/")]}
    return {word for word in words if re.fullmatch(r"[\w./-]+", word) and word.endswith(CHECKED_ENDS)}


@pages
def test_files_that_a_page_names_exist(page):
    missing = {
        path for path in named_paths(page.read_text(encoding="utf-8")) if path.lstrip("./") not in ends_of_paths()
    }
    assert missing == set()


@pages
def test_links_of_a_page_lead_somewhere(page):
    links = LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
    assert [link for link in links if not (page.parent / link).exists()] == []


@cache
def commands() -> dict[str, frozenset[str]]:
    """What can be said after `analytics` and `make`."""
    from analytics_pipelines.cli.main import command_line

    targets = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    return {"analytics": frozenset(get_command(command_line()).commands), "make": frozenset(targets)}


@pages
def test_commands_that_a_page_names_exist(page):
    named = {command for code in code_in(page.read_text(encoding="utf-8")) for command in COMMAND.findall(code)}
    assert {(program, verb) for program, verb in named if verb not in commands()[program]} == set()


@pages
def test_modules_that_a_page_names_exist(page):
    for name in MODULE.findall(page.read_text(encoding="utf-8")):
        module, _, attribute = name.rpartition(".")
        found = importlib.import_module(module)
        assert hasattr(found, attribute) or importlib.import_module(name), name


@pytest.mark.parametrize(
    ("file", "generated"),
    [
        pytest.param("docs/settings.md", settings_page, id="page"),
        pytest.param(".env.example", env_example, id="example"),
    ],
)
def test_the_settings_are_documented_as_they_are(file, generated):
    assert (ROOT / file).read_text(encoding="utf-8") == generated(), "it is what foundation/settings_docs.py renders"


def test_the_catalog_is_documented_as_it_is_declared():
    page = (ROOT / "docs" / "catalog.md").read_text(encoding="utf-8")
    assert page == catalog_page(TABLES), "it is what `analytics catalog --markdown` prints"


def test_decisions_are_numbered_without_a_gap():
    numbers = [int(file.name[:4]) for file in files_of(ROOT / "docs" / "decisions", ".md") if file.name[0].isdigit()]
    assert numbers == list(range(1, len(numbers) + 1))
