"""One contender's export of the events, which tells its time and peak memory as one line of JSON.

python -m benchmarks.export_contenders <contender> <folder>     (the source's URL in EXPORT_BENCHMARK_URL)
"""

import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path


def peak_mb() -> float:
    """The most memory that this process had, since it began."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise LookupError("the kernel does not tell the peak of memory")


def main() -> None:
    """Run the contender once; what it imports is not counted."""
    name, folder = sys.argv[1:]
    made = import_module("benchmarks.export_contenders." + name).contender
    run = made(os.environ["EXPORT_BENCHMARK_URL"], Path(folder))
    started_s = time.perf_counter()
    rows = run()
    print(json.dumps({"rows": rows, "seconds": time.perf_counter() - started_s, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
