"""A staged generation is complete before anybody can see it, and says exactly what it holds."""

import shutil

from analytics_pipelines.foundation.clock import now
from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.generation.description import read_generation
from analytics_pipelines.serving.plan import plan_of
from analytics_pipelines.serving.stage import Stage, previous_of
from analytics_pipelines_tests.generations import (
    DAY,
    RAW_SALES,
    SALES,
    TABLES,
    folders_of,
    publish_edition,
    write_all,
)


def test_the_description_names_every_file_by_its_place_in_the_folder(settings, lake, tmp_path):
    write_all(lake, 1)
    plan = plan_of(lake, TABLES)
    stage = Stage(tmp_path, plan, lake, DuckLimits.of(settings), None)
    generation = stage.fill(now())
    assert read_generation(stage.folder) == generation
    assert (generation.id, generation.inputs_sha256, generation.engine) == (plan.id, plan.inputs_sha256, plan.engine)
    tables = {table.name: table for table in generation.tables}
    (parquet,) = tables[RAW_SALES.name].partitions
    assert (stage.folder / parquet.path).samefile(lake.file(RAW_SALES, DAY))
    assert (parquet.sha256, parquet.rows) == (lake.manifest(RAW_SALES, DAY).sha256, 3)
    (native,) = tables[SALES.name].partitions
    assert native.path is None
    assert [column.name for column in tables[SALES.name].columns] == list(SALES.column_names)
    assert {room.room: room.size_bytes for room in generation.rooms} == {
        room: (stage.folder / (room + ".duckdb")).stat().st_size for room in ("door", "shop")
    }


def test_without_a_generation_there_is_nothing_to_carry_forward(settings, lake):
    assert previous_of(folders_of(settings)) is None
    built = publish_edition(settings, lake, 1)
    assert previous_of(folders_of(settings)).generation == built.generation
    shutil.rmtree(built.folder)
    assert previous_of(folders_of(settings)) is None
