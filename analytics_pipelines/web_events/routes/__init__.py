"""HTTP doors of web events, a file each: collection, the Segment API, sites, the event log, questions.

Here: reading a request, naming its models and its errors. Not here: any work; that is `intake`, `sites` and the
verb files of the room. `app` gathers the routers.

    from analytics_pipelines.web_events.routes.collect import router
"""
