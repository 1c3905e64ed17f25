"""Numbers that people ask of their own data: uploaded CSV and the lake's tables, by checked plans.

Here: uploads and what they hold, plans as data, their checking, compiling and running in a process of their own,
statistics, forecasts, charts, the record of every execution, and the sweep of what has expired. Not here: who the
users are (`accounts`), how the lake's tables are made (their rooms), SQL of users' own (`sql_service`).

Tables: `accounts.datasets`, `accounts.analyses`, `accounts.plan_audit`, `accounts.running_plans` in PostgreSQL; none
in the lake: an upload is one private Parquet below `UPLOAD_DIR`.

    plan, findings = parse_plan({"operation": "mean", "target_column": "price", "group_by": ["region"]})
"""
