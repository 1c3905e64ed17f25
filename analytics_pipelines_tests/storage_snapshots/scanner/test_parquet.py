from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics_pipelines.storage_snapshots.scanner.parquet import counted, counting_pen, exact_sum, parquet_writer
from analytics_pipelines.storage_snapshots.scanner.rows import SCHEMA, WRITTEN


def batch(*rows):
    table = pa.Table.from_pylist([dict.fromkeys(SCHEMA.names) | row for row in rows], SCHEMA)
    for field in WRITTEN:
        if pa.types.is_dictionary(field.type):
            position = SCHEMA.get_field_index(field.name)
            table = table.set_column(position, field.name, table[field.name].dictionary_encode())
    return table.combine_chunks().to_batches()[0]


def test_readers_see_plain_columns(tmp_path):
    rows = [{"path": "/a/b", "parent_path": "/a", "type": "f", "share": "s"}, {"path": "/a", "type": "d", "share": "s"}]
    with parquet_writer(tmp_path / "x.parquet") as writer:
        writer.write_batch(batch(*rows))
    found = pq.read_table(tmp_path / "x.parquet")
    assert found.schema.equals(SCHEMA)
    assert [row["parent_path"] for row in found.to_pylist()] == ["/a", None]


def test_a_file_that_is_given_up_has_no_end(tmp_path):
    def given_up():
        with parquet_writer(tmp_path / "x.parquet") as writer:
            writer.write_batch(batch({"path": "/a"}))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        given_up()
    with pytest.raises(pa.ArrowInvalid):
        pq.read_metadata(tmp_path / "x.parquet")


def test_batches_are_written_in_their_order_and_added_up(tmp_path):
    counts = Counter()
    with counting_pen(tmp_path / "x.parquet", counts) as write:
        for number in range(20):
            write(batch({"path": f"/{number}", "type": "f", "size": number, "size_du": 0}))
    assert pq.read_table(tmp_path / "x.parquet")["path"].to_pylist() == [f"/{number}" for number in range(20)]
    assert (counts["entries"], counts["f"], counts["size"]) == (20, 20, 190)


def test_what_a_write_raises_comes_out(tmp_path):
    wrong = pa.record_batch({"other": [1]})

    def written(*batches):
        with counting_pen(tmp_path / "x.parquet", Counter()) as write:
            for each in batches:
                write(each)

    for batches in ([wrong], [wrong, batch({"path": "/a"})]):
        with pytest.raises(ValueError, match="schema"):
            written(*batches)


def test_sums_are_exact_and_by_type():
    found = counted(
        batch(
            {"type": "f", "size": 2**63 - 1, "size_du": 512},
            {"type": "f", "size": 2**63 - 1, "size_du": 0, "error": "EIO"},
            {"type": "d", "size": 1, "size_du": 1024},
        )
    )
    assert found == {"f": 2, "d": 1, "entries": 3, "errors": 1, "size": 2**64 - 1, "size_du": 1536}


def test_a_sum_may_be_negative():
    assert exact_sum(pa.array([-5, 3, -(2**40)], pa.int64())) == -2 - 2**40
