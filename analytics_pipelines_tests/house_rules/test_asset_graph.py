"""The asset graph as a snapshot, so that no asset, dependency, job or sensor changes unseen.

After an intended change, write it anew and read the difference before committing it:

    python -m analytics_pipelines_tests.house_rules.test_asset_graph
"""

import json
from pathlib import Path
from typing import Any

import dagster as dg

from analytics_pipelines.definitions import build
from analytics_pipelines.foundation.settings import Settings

SNAPSHOT = Path(__file__).with_name("asset_graph.json")
UPDATE = "python -m analytics_pipelines_tests.house_rules.test_asset_graph"


def asset_graph(settings: Settings) -> dict[str, Any]:
    """Assets, jobs, schedules and sensors as plain values."""
    definitions = build(settings)
    repository = definitions.get_repository_def()
    specs = [spec for asset in repository.assets_defs_by_key.values() for spec in asset.specs]
    jobs = [job for job in repository.get_all_jobs() if not job.name.startswith("__")]
    return {
        "assets": {spec.key.to_user_string(): described(repository, spec) for spec in specs},
        "jobs": {job.name: members(job) for job in jobs},
        "schedules": {each.name: [each.cron_schedule, each.job_name] for each in repository.schedule_defs},
        "sensors": {each.name: each.sensor_type.value for each in repository.sensor_defs},
    }


def described(repository: dg.RepositoryDefinition, spec: dg.AssetSpec) -> dict[str, Any]:
    asset = repository.assets_defs_by_key[spec.key]
    return {
        "group": spec.group_name,
        "kinds": sorted(spec.kinds),
        "owners": list(spec.owners),
        "code_version": spec.code_version,
        "partitions": partitions(spec.partitions_def),
        "backfill": str(asset.backfill_policy.policy_type.value) if asset.backfill_policy else None,
        "deps": {dep.asset_key.to_user_string(): reach(dep.partition_mapping) for dep in spec.deps},
        "checks": sorted(check.name for check in asset.check_specs),
    }


def members(job: dg.JobDefinition) -> list[str]:
    return sorted(key.to_user_string() for key in job.asset_layer.selected_asset_keys)


def partitions(found: dg.PartitionsDefinition | None) -> str | None:
    if not isinstance(found, dg.DailyPartitionsDefinition):
        return None
    return "daily from " + str(found.start.date()) + ", " + str(found.end_offset) + " days past yesterday"


def reach(mapping: dg.PartitionMapping | None) -> str | None:
    if not isinstance(mapping, dg.TimeWindowPartitionMapping):
        return None
    return "days " + str(mapping.start_offset) + " to " + str(mapping.end_offset)


def as_text(graph: dict[str, Any]) -> str:
    return json.dumps(graph, indent=1, sort_keys=True) + "\n"


def test_the_asset_graph_is_the_one_in_the_snapshot(settings: Settings) -> None:
    found = json.loads(as_text(asset_graph(settings)))
    assert found == json.loads(SNAPSHOT.read_text()), "intended? then run: " + UPDATE


def test_every_asset_is_described_owned_and_versioned(settings: Settings) -> None:
    for asset in build(settings).resolve_all_asset_specs():
        assert asset.description, asset.key
        assert asset.owners, asset.key
        assert asset.kinds, asset.key
        assert asset.code_version, asset.key
        assert asset.group_name not in {None, "default"}, asset.key


if __name__ == "__main__":
    SNAPSHOT.write_text(as_text(asset_graph(Settings(_env_file=None))))
