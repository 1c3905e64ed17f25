"""Dagster door: sensors that turn run requests into runs, close them, and mirror what was made."""

import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress

import dagster as dg

from analytics_pipelines.dagster_kit.events import failures_of, is_left_alone, materialized
from analytics_pipelines.dagster_kit.partitions import daily, range_tags
from analytics_pipelines.dagster_kit.steps import steps_of
from analytics_pipelines.foundation.clock import now
from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.urls import database_urls
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.operations.heartbeat import DAEMON, beat
from analytics_pipelines.operations.mirror import record
from analytics_pipelines.operations.remake import plan
from analytics_pipelines.operations.requests import OPEN, RunRequest, State, advance, unfinished
from analytics_pipelines.operations.steps import record_steps
from analytics_pipelines.operations.wish import Bounds
from analytics_pipelines.web_events import fence

REQUEST_TAG = "analytics/request_id"
POLL_S = 5
MIRROR_S = 15
TOUCHED_S = 30
MOST_REQUESTS_A_TICK = 20
MOST_EVENTS_A_TICK = 500
STATES = {
    dg.DagsterRunStatus.QUEUED: State.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED: State.QUEUED,
    dg.DagsterRunStatus.STARTING: State.QUEUED,
    dg.DagsterRunStatus.STARTED: State.RUNNING,
    dg.DagsterRunStatus.MANAGED: State.RUNNING,
    dg.DagsterRunStatus.CANCELING: State.RUNNING,
    dg.DagsterRunStatus.SUCCESS: State.SUCCEEDED,
    dg.DagsterRunStatus.FAILURE: State.FAILED,
    dg.DagsterRunStatus.CANCELED: State.CANCELLED,
}
FOLLOWED = (
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.CANCELED,
)
AWAY = dg.SkipReason("The database is away.")


def sensors(
    settings: Settings, *, job: str, assets: Sequence[str], status: dg.DefaultSensorStatus
) -> list[dg.SensorDefinition]:
    """All sensors of this room; `job` answers requests for any of `assets`."""
    followers = [_follower(settings, run_status, status) for run_status in FOLLOWED]
    polling = [run_requests(settings, job, assets, status), touched_days(settings, status)]
    return [*polling, mirror(settings, assets, status), *followers]


def run_requests(
    settings: Settings, job: str, assets: Sequence[str], status: dg.DefaultSensorStatus
) -> dg.SensorDefinition:
    """Asks for one run a request: the run key is the request's id, so that asking again after a crash adds none.

    A request leaves the state new only when its run is found in Dagster.
    """

    @dg.sensor(
        name="run_requests",
        job_name=job,
        minimum_interval_seconds=POLL_S,
        default_status=status,
        description="Turns rows of operations.run_request into runs, once each, and closes those that have ended.",
    )
    def poll(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        try:
            with opened(settings) as database:
                beat(database, DAEMON, now())
                asked = list(_answers(context.instance, database, settings, assets))
        except Unavailable:
            return AWAY
        return dg.SensorResult(asked) if asked else dg.SkipReason("No new request.")

    return poll


def touched_days(settings: Settings, status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    """Asks for the days that new web events touched; `run_requests` turns what it asks for into runs."""

    @dg.sensor(
        name="web_events_touched_days",
        minimum_interval_seconds=TOUCHED_S,
        default_status=status,
        description="Asks for exactly the days that web events touched since the last look, a run a stretch.",
    )
    def ask(_context: dg.SensorEvaluationContext) -> dg.SkipReason:
        try:
            with opened(settings) as database, opened_lake(settings) as lake:
                at, late_event_days = now(), settings.late_event_days
                fenced = fence.advance(database, at, late_event_days=late_event_days)
                bounds = Bounds.of(settings, at.date())
                made = plan(database, lake, at, bounds=bounds, late_event_days=late_event_days)
        except Unavailable:
            return AWAY
        blocked = f" The event log could not be fenced: {fenced.blocked_by}." if fenced.is_blocked else ""
        return dg.SkipReason(f"{len(made)} run requests were made.{blocked}")

    return ask


def mirror(settings: Settings, assets: Sequence[str], status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    """Copies materializations into PostgreSQL, also of runs in a shell; the cursor holds the last of each asset."""

    @dg.sensor(
        name="mirror_materializations",
        minimum_interval_seconds=MIRROR_S,
        default_status=status,
        description="Copies what Dagster made into operations.materialization, which the API reads.",
    )
    def copy(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        seen: dict[str, int] = json.loads(context.cursor or "{}")
        records = list(_unseen(context.instance, assets, seen))
        if not records:
            return dg.SkipReason("Nothing new was made.")
        try:
            with opened(settings) as database:
                record(database, [materialized(made) for made in records if not is_left_alone(made)])
        except Unavailable:
            return AWAY
        return dg.SensorResult(cursor=json.dumps(seen | _last_seen(records)))

    return copy


def opened(settings: Settings) -> AbstractContextManager[Database]:
    """The database for one look; raises `Unavailable` when nobody runs it, and never starts it."""
    return closing(Database(database_urls(settings).app, name="sensor", settings=settings))


@contextmanager
def opened_lake(settings: Settings) -> Iterator[Lake]:
    """The lake for one look."""
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    try:
        yield lake
    finally:
        lake.duck.close()


def follow(instance: dg.DagsterInstance, database: Database, request_id: str, run: dg.DagsterRun) -> None:
    """Bring the request to where its run is; once it is closed, the steps of its run can be asked for."""
    state = STATES[run.status]
    if state not in OPEN:
        record_steps(database, steps_of(instance, run.run_id))
    error = "\n".join(failures_of(instance, run.run_id)) if state is State.FAILED else None
    advance(database, request_id, state, now=now(), run_id=run.run_id, error=error)


def _follower(
    settings: Settings, run_status: dg.DagsterRunStatus, status: dg.DefaultSensorStatus
) -> dg.SensorDefinition:
    @dg.run_status_sensor(
        run_status,
        name="request_" + STATES[run_status].value,
        minimum_interval_seconds=POLL_S,
        monitor_all_code_locations=True,
        default_status=status,
        description="Moves a run request on when its run is " + run_status.value.lower() + ".",
    )
    def moved(context: dg.RunStatusSensorContext) -> None:
        # A tick sees up to five runs, and a skip for one of them would fail the tick, again and again.
        request_id = context.dagster_run.tags.get(REQUEST_TAG)
        with suppress(Unavailable), opened(settings) as database:  # run_requests looks at every open request again
            if request_id is not None:
                follow(context.instance, database, request_id, context.dagster_run)
            elif STATES[run_status] not in OPEN:
                record_steps(database, steps_of(context.instance, context.dagster_run.run_id))

    return moved


def _answers(
    instance: dg.DagsterInstance, database: Database, settings: Settings, assets: Sequence[str]
) -> Iterator[dg.RunRequest]:
    requests = unfinished(database)
    runs = _runs_of(instance, requests)
    asked = 0
    for request in requests:
        if run := runs.get(request.id):
            follow(instance, database, request.id, run)
        elif request.state is not State.NEW:
            _close(database, request, State.CANCELLED, "Dagster no longer knows the run of this request.")
        elif complaint := _impossible(request, settings, assets):
            _close(database, request, State.FAILED, complaint)
        elif asked < MOST_REQUESTS_A_TICK:
            asked += 1
            yield _run_request(request)


def _runs_of(instance: dg.DagsterInstance, requests: Sequence[RunRequest]) -> dict[str, dg.DagsterRun]:
    """The run of each request that has one: the first, since a re-execution in the UI copies the tag."""
    if not requests:
        return {}
    wanted = dg.RunsFilter(tags={REQUEST_TAG: [request.id for request in requests]})
    newest_first = instance.get_runs(wanted)
    return {run.tags[REQUEST_TAG]: run for run in newest_first}


def _impossible(request: RunRequest, settings: Settings, assets: Sequence[str]) -> str | None:
    """Why Dagster would refuse the run; one such request would otherwise hold up all others."""
    if unknown := set(request.wish.assets) - set(assets):
        return "There are no such assets: " + ", ".join(sorted(unknown)) + "."
    days = (request.wish.first_date, request.wish.last_date)
    known = daily(settings)
    if not all(known.has_partition_key(day.isoformat()) for day in days):
        return "There are no partitions for some of these days."
    return None


def _close(database: Database, request: RunRequest, state: State, error: str) -> None:
    advance(database, request.id, state, now=now(), run_id=None, error=error)


def _run_request(request: RunRequest) -> dg.RunRequest:
    chosen = [dg.AssetKey(asset) for asset in request.wish.assets]
    return dg.RunRequest(
        run_key=request.id,
        tags={REQUEST_TAG: request.id, **range_tags(request.wish.first_date, request.wish.last_date)},
        asset_selection=chosen or None,
    )


def _unseen(instance: dg.DagsterInstance, assets: Sequence[str], seen: dict[str, int]) -> Iterator[dg.EventLogRecord]:
    keys = [dg.AssetKey(asset) for asset in assets]
    left = MOST_EVENTS_A_TICK
    for asset in instance.get_asset_records(keys):
        last, key = asset.asset_entry.last_materialization_record, asset.asset_entry.asset_key
        after = seen.get(key.to_user_string(), 0)
        if left > 0 and last is not None and last.storage_id > after:
            wanted = dg.AssetRecordsFilter(key, after_storage_id=after)
            found = instance.fetch_materializations(wanted, limit=left, ascending=True).records
            left -= len(found)
            yield from found


def _last_seen(records: Sequence[dg.EventLogRecord]) -> dict[str, int]:
    keys = [
        (made.asset_key.to_user_string(), record.storage_id)
        for record in records
        if (made := record.asset_materialization)
    ]
    return dict(sorted(keys, key=lambda pair: pair[1]))
