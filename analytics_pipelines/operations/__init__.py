"""Requests to run the pipelines, and the state of it all.

Here: `run_request` rows that a sensor turns into Dagster runs, the mirror of what Dagster made, heartbeats,
health, every `/etl` route. Not here: what a run does, which stands in the rooms.
Tables (PostgreSQL, schema `operations`): `run_request`, `remake_day`, `materialization`, `heartbeat`.

    request = create(database, Wish((), first, last), requested_by="anna", now=now())
    by_id(database, request.id).state  # State.NEW, until a daemon answers
"""
