"""What an entrance loads, and what a file of a room may import."""

import subprocess
import sys

import pytest

from analytics_pipelines_tests.house_rules.repository import ROOT, files_of, imported_by, rooms, short

LOADED = "import sys; import {module}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
DOORS = {"assets", "routes"}


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        pytest.param("analytics_pipelines.app", {"dagster", "dagster_webserver", "altair", "vl_convert"}, id="the API"),
        pytest.param(
            "analytics_pipelines.definitions", {"fastapi", "starlette", "uvicorn"}, id="Dagster's definitions"
        ),
        pytest.param("analytics_pipelines.cli.main", {"dagster", "fastapi", "starlette", "altair"}, id="the shell"),
    ],
)
def test_an_entrance_loads_nothing_of_the_other(module, unwanted):
    program = [sys.executable, "-c", LOADED.format(module=module)]
    loaded = set(subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())
    assert loaded & unwanted == set()


def room_files(folder):
    return [file for file in files_of(folder, ".py") if file.parent == folder and file.name != "__init__.py"]


@pytest.mark.parametrize("room", rooms(), ids=short)
def test_tables_import_nothing_of_their_room(room):
    own = "analytics_pipelines." + room.name
    ours = {name for name in imported_by(room / "tables.py") if name.startswith("analytics_pipelines")}
    if room.name != "catalog":
        assert {name for name in ours if not name.startswith("analytics_pipelines.foundation")} == set(), own


@pytest.mark.parametrize("room", rooms(), ids=short)
def test_verbs_and_queries_never_look_through_a_door(room):
    for file in room_files(room):
        if file.stem not in DOORS:
            looked = {f"analytics_pipelines.{room.name}.{door}" for door in DOORS} & imported_by(file)
            assert looked == set(), short(file)


@pytest.mark.parametrize("room", rooms(), ids=short)
def test_one_door_does_not_open_on_another(room):
    for door, other in (("assets", "routes"), ("routes", "assets")):
        if (room / (door + ".py")).is_file():
            assert f"analytics_pipelines.{room.name}.{other}" not in imported_by(room / (door + ".py"))
