"""The broker: one process per host that owns the queue, the breaker, the running queries and the workers.

Here: who is admitted and when (`dispatch`, with `lanes`, `breaker`, `durations`, `result_cache`), the workers
(`pool`), what is told about all of it (`controls`), exports in the background. Not here: SQL (the broker reads none),
rows (workers write them straight into the API's connection).

    python -m analytics_pipelines.sql_service.broker
"""
