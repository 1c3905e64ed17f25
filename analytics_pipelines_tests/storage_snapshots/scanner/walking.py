"""The processes that walk for this one; it may have other children, a database server among them."""

import psutil

MODULE = "analytics_pipelines.storage_snapshots.scanner.walker"


def walkers(pid: int | None = None) -> list[psutil.Process]:
    """Those of the process, by default this one, that have not ended."""
    return [each for each in psutil.Process(pid).children() if is_walker(each)]


def is_walker(process: psutil.Process) -> bool:
    """Whether its command names the walker; one that has ended meanwhile is none."""
    try:
        return any(MODULE in word for word in process.cmdline())
    except psutil.Error:
        return False
