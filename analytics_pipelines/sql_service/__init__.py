"""Other people's SQL over the published generation and the lake: fast, fair and caged.

Here: the gate that says which SQL may run, the caged processes that run it, the broker that admits, queues, counts
and ends it, the doors and `DuckDBService`. Not here: the cage itself (`foundation.cage`), tables (each room has its
own), plans (`datasets`: they need no SQL). The API never runs a stranger's SQL: it asks the broker over a private
Unix socket, and a worker writes the answer into that very connection.

    API worker --ask--> broker --job, connection--> worker --answer--> API worker

    service = DuckDBService.of(settings)
    answer = await service.execute_query("SELECT count(*) FROM core_web__sessions", caller=caller)
"""
