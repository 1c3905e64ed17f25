import pytest
from psycopg.conninfo import conninfo_to_dict

from analytics_pipelines.foundation.sql import Sql, joined, name
from analytics_pipelines.product_export.masking import Mask
from analytics_pipelines.product_export.verify.summary import (
    Summary,
    UnfitValues,
    differences,
    summary_of_rows,
    summary_of_source,
)
from analytics_pipelines.product_export.wishes import Masking, Mode, Policy
from analytics_pipelines_tests.postgres_versions import OTHER_VERSIONS, server_of
from analytics_pipelines_tests.product_export.verify.copies import copied, running, wished
from analytics_pipelines_tests.product_export.zoo import OVERRIDES, of_version, statements


def test_a_true_copy_sums_up_to_the_same(events):
    summary = summary_of_source(events.snapshot.connection, events.plan)
    assert events.summed_up() == []
    assert summary.rows == 5000
    assert summary.columns["id"] == {"values": "5000", "sum": "12502500", "least": "1", "most": "5000"}
    assert summary.columns["price"] == {"values": "5000", "sum": "4625925", "least": "0.37", "most": "1850"}
    assert summary.columns["seen_at"]["most"] == "2026-01-01T01:23:20.005000+00:00"
    assert summary.columns["kind"] == {"values": "5000", "octets": "30000", "least": "kind 0", "most": "kind 6"}
    assert summary.columns["remark"] == {"values": "5000", "octets": "18893"}
    assert summary.columns["document"] == {"values": "5000"}


@pytest.mark.parametrize(
    ("query", "column"),
    [
        pytest.param("SELECT * FROM kept WHERE id <> 77", "4999 rows, the source has 5000", id="a row lost"),
        pytest.param("FROM kept UNION ALL FROM kept WHERE id = 77", "5001 rows", id="a row twice"),
        pytest.param("SELECT * REPLACE (CAST(id + (id = 77)::INT AS BIGINT) AS id) FROM kept", "id: sum", id="bigint"),
        pytest.param(
            "SELECT * REPLACE (CAST(price + 0.01 * (id = 77)::INT AS DECIMAL(12,2)) AS price) FROM kept",
            "price: sum",
            id="a cent",
        ),
        pytest.param(
            "SELECT * REPLACE (score + 0.001 * (id = 77)::INT AS score) FROM kept", "score: sum_of", id="double"
        ),
        pytest.param(
            "SELECT * REPLACE (seen_at + to_microseconds((id = 5000)::INT) AS seen_at) FROM kept",
            "seen_at: most",
            id="a microsecond",
        ),
        pytest.param("SELECT * REPLACE (day - (id % 50 = 0)::INT AS day) FROM kept", "day: least", id="a day"),
        pytest.param("SELECT * REPLACE (is_new OR id = 77 AS is_new) FROM kept", "is_new: true", id="boolean"),
        pytest.param("SELECT * REPLACE (rtrim(kind, '6') AS kind) FROM kept", "kind: octets", id="text cut"),
        pytest.param("SELECT * REPLACE (replace(kind, '6', '9') AS kind) FROM kept", "kind: most", id="text changed"),
        pytest.param(
            "SELECT * REPLACE (CASE WHEN id <> 77 THEN data ELSE '\\x00' END AS data) FROM kept",
            "data: octets",
            id="bytes",
        ),
        pytest.param(
            "SELECT * REPLACE (nullif(document, '{\"n\": 77}') AS document) FROM kept", "document: values", id="null"
        ),
    ],
)
def test_a_difference_names_the_column(events, query, column):
    found = events.falsified(query).summed_up()
    assert any(each.startswith(column) for each in found), found


def test_a_column_that_one_side_lacks_is_a_difference():
    with_a = Summary(1, {"a": {"values": "1"}})
    assert differences(with_a, Summary(1, {})) == ["a: only the source has it"]
    assert differences(Summary(1, {}), with_a) == ["a: only the copy has it"]


def test_a_manifest_keeps_it_whole(events):
    summary = summary_of_source(events.snapshot.connection, events.plan)
    assert Summary.of_json(summary.as_json()) == summary


def test_pieces_with_rests_give_what_one_piece_gives(events, monkeypatch):
    whole = summary_of_source(events.snapshot.connection, events.plan)
    rests = []
    monkeypatch.setattr("analytics_pipelines.product_export.verify.source_rows.PAGES_BETWEEN_RESTS", 7)
    monkeypatch.setattr("time.sleep", rests.append)
    assert summary_of_source(events.snapshot.connection, events.plan, duty_pct=50) == whole
    assert len(rests) > 3
    assert all(rests)


def test_only_rows_that_are_asked_for_count(source, tmp_path):
    where = Sql("id % 2 = 0")
    with copied(source, tmp_path, wished(filter="id <= 10 -- a remark"), where=where) as copy:
        assert summary_of_source(copy.snapshot.connection, copy.plan, where).rows == 5
        assert copy.summed_up(where) == []


def test_rows_that_say_that_a_key_is_gone_do_not_count(source, tmp_path):
    with copied(source, tmp_path, wished(mode=Mode.INCREMENTAL)) as copy:
        gone = "FROM kept UNION ALL BY NAME SELECT DATE '2026-03-01' AS export_date, TRUE AS is_tombstone, 9999 AS id"
        assert copy.falsified(gone).summed_up() == []


def test_an_empty_table_and_an_empty_copy_are_the_same(source, tmp_path):
    running(source, "CREATE TABLE nothing (LIKE events)")
    with copied(source, tmp_path, wished("nothing")) as copy:
        assert copy.summed_up() == []


@pytest.mark.parametrize("kind", ["TABLE heirs () INHERITS (kin)", "VIEW heirs AS SELECT * FROM kin"])
def test_what_is_no_plain_table_is_compared_too(source, tmp_path, kind):
    running(
        source,
        "DROP TABLE IF EXISTS kin CASCADE",
        "CREATE TABLE kin (id int, name text)",
        "INSERT INTO kin VALUES (1, 'parent')",
        "CREATE " + kind,
    )
    if kind.startswith("TABLE"):
        running(source, "INSERT INTO heirs VALUES (2, 'child')")
    for table in ("kin", "heirs"):
        with copied(source, tmp_path, wished(table)) as copy:
            assert copy.summed_up() == []
            assert copy.compared() == ()
            assert copy.falsified("FROM kept LIMIT 0").summed_up()


def test_a_partition_that_the_copy_forgot_is_missed(source, tmp_path):
    running(
        source,
        "CREATE TABLE parted (id int, day date) PARTITION BY LIST (day)",
        "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN ('2026-01-01')",
        "CREATE TABLE parted_2 PARTITION OF parted FOR VALUES IN ('2026-01-02')",
        "INSERT INTO parted SELECT i, date '2026-01-01' + i % 2 FROM generate_series(1, 10) AS i",
    )
    with copied(source, tmp_path, wished("parted")) as copy:
        assert copy.summed_up() == []
        assert "5 rows, the source has 10" in copy.falsified("FROM kept WHERE day = '2026-01-01'").summed_up()


def test_values_that_do_not_fit_are_refused_by_name(source, tmp_path):
    running(
        source,
        "CREATE TABLE unfit (id int PRIMARY KEY, at timestamptz, price numeric(5,2), digits numeric, day date)",
        "INSERT INTO unfit VALUES (1, 'infinity', 'NaN', 1e30, '-infinity'), (2, '-infinity', 1, 2.5, NULL)",
    )
    wish = wished("unfit", types={"digits": "bigint"})
    with copied(source, tmp_path, wish, where=Sql("false")) as copy, pytest.raises(UnfitValues) as raised:
        summary_of_source(copy.snapshot.connection, copy.plan)
    told = str(raised.value)
    assert "public.unfit.at: 2 values are" in told
    assert "public.unfit.price: 1 value is NaN" in told
    assert "public.unfit.digits: 2 values are" in told
    assert "public.unfit.day: 1 value is" in told
    assert 'types = { at = "text" }' in told


def test_personal_values_stay_out_of_it(source, tmp_path):
    running(
        source,
        "CREATE TABLE people (id int PRIMARY KEY, email text, phone text)",
        "INSERT INTO people VALUES (1, 'ada@example.com', '+48 600'), (2, NULL, '+48 700')",
    )
    masking = {"email": Masking(Policy.KEEP), "phone": Masking(Policy.TRUNCATE, characters=3)}
    with copied(source, tmp_path, wished("people", masking=masking), mask=Mask()) as copy:
        summary = summary_of_source(copy.snapshot.connection, copy.plan)
        assert copy.summed_up() == []
    assert summary.columns["email"] == {"values": "1", "octets": "15"}
    assert summary.columns["phone"] == {"values": "2"}


def test_hostile_values_of_every_type_sum_up_to_the_same(postgres_server, source, tmp_path):
    # Extensions are the superuser's to make.
    whole = zoo_summed_up(postgres_server.superuser(conninfo_to_dict(source)["dbname"]), tmp_path, 18)
    assert whole.columns["double"]["most"] == "nan"
    assert whole.columns["day"] == {"values": "5", "least": "0001-01-01", "most": "9999-12-31"}


@pytest.mark.long
@pytest.mark.parametrize("version", OTHER_VERSIONS)
def test_other_versions_sum_up_to_the_same(tmp_path, version):
    with server_of(version, tmp_path / "home") as superuser:
        assert zoo_summed_up(superuser, tmp_path, version).rows == 9


def zoo_summed_up(superuser, folder, version):
    types, columns = of_version(version)
    running(superuser, *types.strip().rstrip(";").split(";\n"), *statements(columns))
    wish = wished("zoo", "zoo", types=OVERRIDES)
    with copied(superuser, folder, wish) as copy:
        assert copy.summed_up() == []
        assert copy.compared() == ()
        every_lost_column_is_named(copy)
        return summary_of_rows(copy.cursor, copy.plan, copy.rows)


def every_lost_column_is_named(copy):
    columns = [name(each.lake.name) for each in copy.plan.columns if each.lake.name != "row_number"]
    lost = Sql("CASE WHEN row_number < 0 THEN {column} END AS {column}")
    lost_all = joined(lost.fill(column=column) for column in columns)
    other = copy.falsified(Sql("SELECT * REPLACE ({lost}) FROM kept").fill(lost=lost_all).text)
    told = "\n".join(["", *other.summed_up()]), "\n".join(["", *other.compared()])
    for each in copy.plan.columns[1:]:
        assert "\n" + each.lake.name + ": values 0, the source's is " in told[0]
        assert "\ncolumn " + each.lake.name + ": " in told[1]


def test_a_table_of_very_many_columns_is_summed_up_and_compared(source, tmp_path):
    columns = ", ".join("c" + str(number) + " int DEFAULT " + str(number) for number in range(450))
    running(source, "CREATE TABLE wide (id int PRIMARY KEY, " + columns + ")", "INSERT INTO wide VALUES (1), (2)")
    with copied(source, tmp_path, wished("wide")) as copy:
        assert copy.summed_up() == []
        assert copy.compared() == ()
        other = copy.falsified("SELECT * REPLACE (CAST(0 AS INTEGER) AS c449) FROM kept")
        assert other.summed_up()[0] == "c449: sum 0, the source's is 898"
        assert other.compared() == ("column c449: 2 rows, id from 1 to 2",)
