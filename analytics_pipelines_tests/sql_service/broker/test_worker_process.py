"""A worker whose words are none is ended, and its query with it."""

import asyncio
import socket
import subprocess
import sys

import pytest

from analytics_pipelines.sql_service.broker.frames import BrokenFrames
from analytics_pipelines.sql_service.broker.worker_process import WorkerProcess
from analytics_pipelines.sql_service.messages import Kind, Setup, frame, frame_of


async def heard_of(said, folder, pid, takes):
    """What the broker hears once the worker is ready and says that."""
    ours, theirs = socket.socketpair()
    heard, is_over = [], asyncio.Event()

    def hear(_, kind, content):
        heard.append((kind, content))
        if kind is Kind.ERROR:
            is_over.set()
        else:
            takes(content)

    setup = Setup(generation_folder="", spill_folder=str(folder), memory_bytes=1, threads=1, most_spilled_bytes=1)
    with theirs:
        worker = WorkerProcess(ours, setup, "g")
        theirs.sendall(frame_of(Kind.READY, {"pid": pid}) + said)
        await worker.start(hear)
        async with asyncio.timeout(10):
            await is_over.wait()
    assert worker.is_gone
    return heard


def refuse(_):
    raise BrokenFrames("a lie")


def stumble(_):
    raise KeyError("rows")


@pytest.mark.parametrize(
    ("said", "takes"),
    [
        (frame(Kind.ERROR, b"{}"), refuse),
        (frame(Kind.ASK, b"{}"), refuse),
        (b"nonsense", refuse),
        (frame(Kind.DONE, b"{}"), refuse),
        (frame(Kind.DONE, b"{}"), stumble),
    ],
    ids=["its own error", "an ask", "nonsense", "a lie", "what makes us stumble"],
)
def test_a_worker_that_is_not_understood_is_ended(said, takes, tmp_path):
    command = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(command, start_new_session=True) as process:
        heard = asyncio.run(heard_of(said, tmp_path / "spill", process.pid, takes))
        assert process.wait(10) < 0
    assert heard[-1] == (Kind.ERROR, b"")
