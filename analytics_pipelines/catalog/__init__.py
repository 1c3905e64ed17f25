"""Every room's tables in one index.

Here: `TABLES`, looked up by name, and `HOT`, what each generation makes of them. Not here: a declaration (each stands
in its room), rows, routes.

    TABLES.named("out_web__daily_metrics").room  # "web_events"
"""
