"""Every package has its sign, and everything public says what it is."""

import ast

import pytest

from analytics_pipelines_tests.house_rules.repository import PACKAGE, Function, files_of, rooms, short, tree_of

RUN_BY_ALEMBIC = {"migrations", "alembic"}
PACKAGES = sorted({file.parent for file in files_of(PACKAGE, ".py") if file.parent.name not in RUN_BY_ALEMBIC})
TOP_FLOORS = [folder for folder in PACKAGES if folder.parent == PACKAGE]
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "services", "misc", "base"}


@pytest.mark.parametrize("folder", PACKAGES, ids=short)
def test_every_package_has_a_sign(folder):
    assert (folder / "__init__.py").is_file(), "a package needs an __init__.py with its sign"
    assert ast.get_docstring(tree_of(folder / "__init__.py"))


@pytest.mark.parametrize("folder", TOP_FLOORS, ids=short)
def test_a_sign_says_what_is_here_and_what_is_not_and_holds_no_code(folder):
    sign = tree_of(folder / "__init__.py")
    assert len(sign.body) == 1, "the sign of a room holds no code"
    words = ast.get_docstring(sign) or ""
    assert "Not here:" in words
    assert "Here:" in words


@pytest.mark.parametrize("room", rooms(), ids=short)
def test_the_sign_of_a_room_gives_an_example(room):
    assert "\n    " in (ast.get_docstring(tree_of(room / "__init__.py"), clean=False) or "")


def test_a_package_in_a_floor_only_hands_on_names():
    for folder in PACKAGES:
        extra = tree_of(folder / "__init__.py").body[1:]
        handed_on = [isinstance(node, ast.ImportFrom | ast.Assign) for node in extra]
        assert all(handed_on), short(folder / "__init__.py")


def test_no_file_is_called_by_a_name_that_is_none():
    named = {short(file) for file in files_of(PACKAGE.parent, ".py") if file.stem in FORBIDDEN_NAMES}
    assert named | {short(folder) for folder in PACKAGES if folder.name in FORBIDDEN_NAMES} == set()


def is_protocol(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)


def public_definitions(body, prefix: str):
    """Functions and classes by their place; of a protocol only the class, whose names are said by who fulfils it."""
    for node in body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield f"{prefix}:{node.lineno} {node.name}", node
            if isinstance(node, ast.ClassDef) and not is_protocol(node):
                yield from public_definitions(node.body, prefix)


def test_everything_public_has_a_docstring():
    missing = [
        where
        for file in files_of(PACKAGE, ".py")
        if file.parent.name not in RUN_BY_ALEMBIC
        for where, node in public_definitions(tree_of(file).body, short(file))
        if not ast.get_docstring(node)
    ]
    assert missing == []


def test_every_module_says_what_it_is():
    assert [short(file) for file in files_of(PACKAGE, ".py") if not ast.get_docstring(tree_of(file))] == []
