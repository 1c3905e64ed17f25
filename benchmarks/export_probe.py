"""An application beside the export: an indexed read and an update in a transaction, 200 times a second.

Its commits do not wait for the disk (`synchronous_commit = off`): exporter and source share one here, and what the
exporter writes would be told as the source's burden, which it is not where they are two machines.

python -m benchmarks.export_probe <seconds>     (the source's URL in EXPORT_BENCHMARK_URL)
"""

import json
import os
import random
import statistics
import sys
import time

import psycopg

RATE = 200
READ = b"SELECT balance FROM public.accounts WHERE id = %s"
WRITE = b"UPDATE public.accounts SET balance = balance + 1 WHERE id = %s"


def latencies_ms(url: str, seconds: float) -> list[float]:
    """How long each transaction took, counted from when it was due, so that none that waits hides those behind it."""
    found: list[float] = []
    chance = random.Random(7)
    with psycopg.connect(url, application_name="probe", options="-c synchronous_commit=off") as connection:
        began_s = time.perf_counter()
        while (due_s := began_s + len(found) / RATE) < began_s + seconds:
            time.sleep(max(0.0, due_s - time.perf_counter()))
            key = (chance.randint(1, 100_000),)
            connection.execute(READ, key)
            connection.execute(WRITE, key)
            connection.commit()
            found.append((time.perf_counter() - due_s) * 1000)
    return found


def main() -> None:
    """Probe for so long and tell the percentiles, as one line of JSON."""
    found = sorted(latencies_ms(os.environ["EXPORT_BENCHMARK_URL"], float(sys.argv[1])))
    percentiles = statistics.quantiles(found, n=1000)
    told = {"p50_ms": percentiles[499], "p99_ms": percentiles[989], "p999_ms": percentiles[998], "count": len(found)}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
