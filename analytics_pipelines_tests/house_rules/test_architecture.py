"""import-linter's contracts, and that each of them can go red."""

import os
import shutil
import subprocess
import sys
import tomllib

import pytest

from analytics_pipelines_tests.house_rules.repository import PACKAGE, ROOT

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
VIOLATIONS = {
    "floors": ("foundation/clock.py", "from analytics_pipelines.catalog import tables"),
    "dagster-doors": ("web_events/tables.py", "import dagster"),
    "http-doors": ("product_export/queries.py", "import fastapi"),
    "behind-the-http-doors": (
        "storage_snapshots/queries.py",
        "from analytics_pipelines.storage_snapshots import routes",
    ),
    "behind-the-dagster-doors": (
        "storage_snapshots/layout.py",
        "from analytics_pipelines.storage_snapshots import assets",
    ),
    "api-without-dagster": ("http_kit/depends.py", "import dagster"),
    "dagster-without-api": ("dagster_kit/world.py", "import fastapi"),
    "declarations": ("product_export/tables.py", "from analytics_pipelines.product_export import queries"),
    "no-circles": ("foundation/errors.py", "from analytics_pipelines.foundation import settings"),
}


def lint(folder) -> str:
    """What import-linter says about the package in `folder`."""
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", program, "--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    environment = os.environ | {"PYTHONPATH": str(folder), "NO_COLOR": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False).stdout


def test_the_house_keeps_its_contracts():
    said = lint(ROOT)
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in said, said


def test_every_contract_can_be_broken(tmp_path):
    """Otherwise a contract that matches no module would be green for ever."""
    shutil.copytree(PACKAGE, tmp_path / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    for file, line in VIOLATIONS.values():
        target = tmp_path / PACKAGE.name / file
        target.write_text(target.read_text(encoding="utf-8") + "\n" + line + "\n", encoding="utf-8")
    said = lint(tmp_path)
    assert [contract["id"] for contract in CONTRACTS if contract["name"] + " BROKEN" not in said] == [], said


def test_every_contract_has_a_violation():
    assert set(VIOLATIONS) == {contract["id"] for contract in CONTRACTS}


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract["id"])
def test_no_contract_has_an_exception(contract):
    assert "ignore_imports" not in contract
