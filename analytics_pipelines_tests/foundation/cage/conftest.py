"""Caged processes, forked from one that has imported what they need."""

import json
import os
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from analytics_pipelines.foundation.workers.channel import receive_whole, send_whole
from analytics_pipelines.foundation.workers.parent import Parent
from analytics_pipelines_tests.foundation.cage import inside

NOBODY_ELSE = (62999, 62999)


class Prisoners:
    """Asks processes in cages."""

    def __init__(self, folder: Path, parent: Parent) -> None:
        self.folder = folder
        self.parent = parent
        self._children = []

    def tell(self, *tries, user=None, first_become=None, without=(), may_lack=()):
        """What became of the tries, by name, in a new process; raises `EOFError` when it was ended."""
        child = self.parent.child()
        self._children.append(child)
        asked = {"tries": tries, "user": user, "first_become": first_become}
        whole = asked | {"folder": str(self.folder), "without": without, "may_lack": may_lack}
        send_whole(child.end, json.dumps(whole).encode())
        return json.loads(receive_whole(child.end, lambda: 60.0))

    def release(self) -> None:
        """End them."""
        for child in self._children:
            child.let_go()


@pytest.fixture(scope="package")
def zygote():
    made = Parent(["pandas"], serve=inside.SERVE)
    yield made
    made.end()


@pytest.fixture
def prisoners(tmp_path, zygote):
    """A folder to read, one to write, and one that everybody may write but who is caged."""
    for name in ("read", "write", "elsewhere"):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(0o777)
    for above in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        if above.stat().st_uid == os.geteuid():
            above.chmod(above.stat().st_mode | 0o011)
    (tmp_path / "read" / "data").write_text("to be read")
    (tmp_path / "elsewhere" / "secret").write_text("secret")
    (tmp_path / "elsewhere" / "secret").chmod(0o666)
    parquet.write_table(pa.table({"i": range(10)}), tmp_path / "read" / "rows.parquet")
    made = Prisoners(tmp_path, zygote)
    yield made
    made.release()
