"""From a request's body to events that are durable: parsed, judged, committed in groups, or spooled.

Here: the wire formats (our own, the pixel, Segment's), who sent them, the group commit into PostgreSQL, the
local spool that takes over while PostgreSQL is away, and the counters that balance. Not here: HTTP itself
(`routes`), access logs (`import_log`), anything that agents, referrers or networks mean (`enrich`).

    outcomes = await intake.take([receipt, refusal])
"""
