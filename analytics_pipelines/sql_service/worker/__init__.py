"""The processes that run other people's SQL: caged before DuckDB is opened, used for many queries, replaced at a word.

Here: what a child of the zygote does from its set-up to its end. Not here: which SQL may run (`gate`), how rows are
written (`encode`), the cage itself (`foundation.cage`), who runs when and for how long (`broker`: a worker has no
timers). One query runs at a time; a second thread only listens for what the broker says meanwhile.

    parent = Parent(PRELOADED, serve=SERVE)
    child = parent.child()
    child.end.sendall(frame_of(Kind.SETUP, setup))
"""
