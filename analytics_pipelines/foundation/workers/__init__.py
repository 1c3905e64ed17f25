"""Work in processes of their own: with a deadline, a bound on memory, and an end that nothing can refuse.

Here: `Workers`, which runs a function in a child that is used once, what the child may use, and how the two talk.
Not here: what is run. The parent of the children is a process with one thread that has imported everything already
(forking the API, which has many, would be unsafe) and has none of the API's environment, so no secret of it either.
Children wait forked, so that a job costs milliseconds; what they send is data and never unpickled.

    workers = Workers(["numpy", "duckdb"], most=2)
    content = workers.run(compute, plan, limits=WorkerLimits(memory_bytes=2**30, deadline_s=30))
"""

from analytics_pipelines.foundation.workers.limits import WorkerLimits
from analytics_pipelines.foundation.workers.outcomes import Busy, Cancelled, FilePassed, MemoryPassed, WorkerDied
from analytics_pipelines.foundation.workers.pool import Workers

__all__ = ["Busy", "Cancelled", "FilePassed", "MemoryPassed", "WorkerDied", "WorkerLimits", "Workers"]
