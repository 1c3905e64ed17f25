"""What the rules look at: the repository's own files, parsed once."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "analytics_pipelines"
TESTS = ROOT / "analytics_pipelines_tests"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def committed_files() -> tuple[Path, ...]:
    """Every file that is or would be committed; of an unpacked archive, every file outside hidden folders."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and (ROOT / ".git").exists():
        found = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        found = [file for file in ROOT.rglob("*") if not any(part[0] == "." for part in file.relative_to(ROOT).parts)]
    return tuple(sorted({file for file in found if file.is_file() and "__pycache__" not in file.parts}))


def files_of(folder: Path, suffix: str) -> list[Path]:
    """The committed files below `folder` that end in `suffix`."""
    return [file for file in committed_files() if file.is_relative_to(folder) and file.name.endswith(suffix)]


@cache
def tree_of(file: Path) -> ast.Module:
    """The parsed module."""
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def functions_of(file: Path) -> list[Function]:
    """Every function and method of a module, nested ones too."""
    return [node for node in ast.walk(tree_of(file)) if isinstance(node, Function)]


def lines_of(file: Path) -> int:
    """Lines of a file."""
    return len(file.read_text(encoding="utf-8").splitlines())


def short(file: Path) -> str:
    """The file as a reader names it."""
    return file.relative_to(ROOT).as_posix()


def imported_by(file: Path) -> set[str]:
    """Dotted names that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def rooms() -> list[Path]:
    """Packages that declare tables."""
    return sorted(file.parent for file in files_of(PACKAGE, "tables.py") if file.parent.parent == PACKAGE)
