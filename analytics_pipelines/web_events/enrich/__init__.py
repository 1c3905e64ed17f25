"""What can be told of an event afterwards: robot or person, device, browser, source, channel, country.

Here: pure functions of agents, referrers, campaign parameters and networks, with the lists they use. Not here:
the SQL that asks them once for each distinct value (`core_events`).

    describe_agent("Mozilla/5.0 …").browser
"""
