"""What the broker tells of itself: health and statistics, in the shapes that the older service's clients know."""

import asyncio
import shutil
from collections.abc import Sequence
from typing import Any

import psutil

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.sql_service.allowance import Caller, Rights
from analytics_pipelines.sql_service.broker.dispatch import Dispatch
from analytics_pipelines.sql_service.broker.statistics import shown_s
from analytics_pipelines.sql_service.sizes import Sizes

MEBI = 2**20


class Told:
    """Puts the answers together; memory and processor time are those of the broker and all its processes."""

    def __init__(self, settings: Settings, dispatch: Dispatch) -> None:
        self._settings = settings
        self._dispatch = dispatch
        self._sizes = Sizes.of(settings)
        self._process = psutil.Process()
        self._process.cpu_percent()

    async def health(self) -> dict[str, Any]:
        """`healthy` when a query was just answered and the breaker is not open."""
        dispatch = self._dispatch
        await dispatch.probe()
        verdict = dispatch.probes.last
        is_success = verdict is not None and verdict.is_success
        breaker = dispatch.breaker.told()
        trouble = dispatch.pool.trouble
        return {
            "status": "healthy" if is_success and breaker["state"] != "open" else "degraded",
            "service_initialized": dispatch.pool.total > 0,
            "database_exists": dispatch.pool.generation is not None,
            "database_size_mb": self._database_mb(),
            "query_test": {"success": is_success, "execution_time": shown_s(verdict.seconds) if verdict else None},
            "connection_pool": self._connections(),
            "circuit_breaker": breaker,
            "generation": dispatch.pool.generation.id if dispatch.pool.generation else None,
            "cage_lacks": sorted({part for each in dispatch.pool.workers() for part in each.lacks}),
            "trouble": trouble.detail if trouble else None,
        }

    async def statistics(self, caller: Caller) -> dict[str, Any]:
        """Everything since the broker began; of users, those that the caller may know of."""
        dispatch = self._dispatch
        told = dispatch.statistics.told()
        if caller.rights is not Rights.ADMIN:
            told["users"] = [each for each in told["users"] if each["user"] == caller.name]
            del told["other_users"]
        return {
            **told,
            "service": {
                "uptime_seconds": shown_s(dispatch.statistics.uptime_s),
                "memory_limit": self._settings.duckdb_memory_limit,
                "memory_limit_bytes": DuckLimits.of(self._settings).memory_bytes,
                "worker_threads": self._sizes.threads,
                "generation": dispatch.pool.generation.id if dispatch.pool.generation else None,
            },
            "system": await asyncio.to_thread(self._system, [each.pid for each in dispatch.pool.workers()]),
            "cache": dispatch.cache.told(),
            "queue": {**dispatch.lanes.told(), "most_waiting": self._settings.sql_queue_size},
            "connection_pool": self._connections(),
            "circuit_breaker": dispatch.breaker.told(),
        }

    def _connections(self) -> dict[str, int]:
        pool = self._dispatch.pool
        return {
            "total_connections": pool.total,
            "available_connections": pool.available,
            "max_connections": self._sizes.slots,
        }

    def _database_mb(self) -> float:
        generation = self._dispatch.pool.generation
        if generation is None:
            return 0.0
        rooms = sum(each.size_bytes for each in generation.rooms)
        return round((rooms + sum(each.size_bytes for each in generation.tables)) / MEBI, 3)

    def _system(self, workers: Sequence[int | None]) -> dict[str, Any]:
        """Looks at all processes of the machine, so that it is not for the loop."""
        disk = shutil.disk_usage(self._settings.home.path)
        return {
            "process_memory_mb": round(_memory_bytes(self._process) / MEBI, 1),
            "worker_memory_mb": [{"pid": each, "memory_mb": round(_memory_of(each) / MEBI, 1)} for each in workers],
            "cpu_percent": psutil.cpu_percent(),
            "disk_usage_percent": round(100 * disk.used / disk.total, 1),
        }


def _memory_bytes(process: psutil.Process) -> int:
    """Of a process and all that it began; what they share is counted once for each."""
    family = [process, *process.children(recursive=True)]
    return sum(_memory_of(each.pid) for each in family)


def _memory_of(pid: int | None) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss) if pid is not None else 0
    except psutil.NoSuchProcess:
        return 0
