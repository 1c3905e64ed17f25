"""HTTP doors of operations, a file each: health, run requests, runs that are waited for, status.

Here: reading a request, naming its models and its errors. Not here: any work; that is in the verb files of the
room. `app` gathers the routers.

    from analytics_pipelines.operations.routes.health import router
"""
