"""The environment is read in one place, at an entrance and never at import."""

import ast

from analytics_pipelines_tests.house_rules.repository import PACKAGE, Function, files_of, short, tree_of

SETTINGS = PACKAGE / "foundation" / "settings.py"
READS = {"environ", "getenv", "environb", "getenvb"}


def reads_of_the_environment(file):
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Attribute) and node.attr in READS:
            yield node.lineno
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            yield from (node.lineno for alias in node.names if alias.name in READS)


def test_only_the_settings_read_the_environment():
    found = {
        f"{short(file)}:{line}"
        for file in files_of(PACKAGE, ".py")
        if file != SETTINGS
        for line in reads_of_the_environment(file)
    }
    assert found == set()


def calls_at_import(tree: ast.Module):
    """Calls that run when a module is imported."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Function | ast.Lambda):
            waiting += getattr(node, "decorator_list", [])
            continue
        if isinstance(node, ast.Call):
            yield node
        waiting += ast.iter_child_nodes(node)


def test_nothing_builds_settings_at_import():
    builders = {"Settings", "load"}
    found = [
        f"{short(file)}:{call.lineno}"
        for file in files_of(PACKAGE, ".py")
        for call in calls_at_import(tree_of(file))
        if isinstance(call.func, ast.Name) and call.func.id in builders
    ]
    assert found == []
