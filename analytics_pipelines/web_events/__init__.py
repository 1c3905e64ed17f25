"""Web events: collected over HTTP or imported from access logs, made into visits and daily metrics.

Here: the collection endpoint and the event log in PostgreSQL (schema `web_events`), the log importer, and the
lake's tables raw_web__events → core_web__events → core_web__sessions → out_web__daily_metrics. Not here: run
requests and the `/etl` routes (`operations`), publishing generations (`serving`), CORS and middleware (`app`).

    from analytics_pipelines.web_events.import_log import import_log

    report = import_log(database, Path("access.log"), "semicomplete")
    print(report.stored, report.duplicates, report.rejected)
"""
