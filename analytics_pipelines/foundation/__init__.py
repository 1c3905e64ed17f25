"""What every room stands on, and what knows no room.

Here: settings, typed errors, table declarations, the lake, DuckDB, PostgreSQL, generations (pointer and
lease), clock, logs. Not here: any column of a room, any HTTP route, any Dagster asset.

    from analytics_pipelines.foundation.settings import Settings
    from analytics_pipelines.foundation.lake import Lake

    lake = Lake.at(Settings().home, Settings().duck_limits)
"""
