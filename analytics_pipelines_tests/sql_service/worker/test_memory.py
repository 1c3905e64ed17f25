"""Memory as the kernel counts it, and bounds that hold."""

import os
import subprocess
import sys

from analytics_pipelines.sql_service.worker.memory import Memory

BOUND = """
import resource
from analytics_pipelines.sql_service.worker.memory import Memory, bind_memory
memory = Memory()
bind_memory(memory.address_space_bytes + 2**26, 2**16)
try:
    bytearray(2**27)
except MemoryError:
    print("memory", end=" ")
try:
    open("large", "wb").write(bytes(2**17))
except OSError as error:
    print(error.errno, resource.getrlimit(resource.RLIMIT_CORE))
"""


def test_what_a_query_takes_is_counted_although_it_is_given_back():
    memory = Memory()
    bytearray(2**26)
    memory.begin()
    assert memory.taken_bytes() < 2**24
    held = bytearray(2**27)
    del held
    assert 2**26 < memory.taken_bytes() < 2**28
    memory.begin()
    assert memory.taken_bytes() < 2**24


def test_sizes_are_those_of_the_process():
    memory = Memory()
    before = memory.resident_bytes
    held = bytearray(2**25)
    assert memory.resident_bytes - before > 2**24
    assert memory.address_space_bytes > memory.resident_bytes
    assert len(held) == 2**25


def test_bounds_of_memory_and_files_hold(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", BOUND],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split(" ", 2) == ["memory", "27", "(0, 0)\n"]
