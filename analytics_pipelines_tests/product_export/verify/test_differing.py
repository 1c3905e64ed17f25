from analytics_pipelines.product_export.masking import Mask
from analytics_pipelines.product_export.wishes import Masking, Policy
from analytics_pipelines_tests.product_export.verify.copies import copied, running, wished


def test_where_much_differs_a_part_of_it_is_shown(events, monkeypatch):
    monkeypatch.setattr("analytics_pipelines.product_export.verify.differing.PART_ROWS", 10)
    (told,) = events.falsified("SELECT * REPLACE (kind || '!' AS kind) FROM kept WHERE id > 0").compared()
    assert told.startswith("column kind: at least ")
    assert " rows, id from " in told


def test_a_table_without_a_key_names_the_columns(source, tmp_path):
    running(source, "CREATE TABLE keyless AS SELECT id, kind, day FROM events WHERE id <= 20")
    with copied(source, tmp_path, wished("keyless")) as copy:
        assert copy.compared() == ()
        other = copy.falsified("SELECT * REPLACE (CASE id WHEN 3 THEN 'x' ELSE kind END AS kind) FROM kept")
        assert other.compared() == ("column kind: no key says in which rows",)
        assert copy.falsified("FROM kept WHERE id > 1").compared()[0] == "19 rows, the source has 20"
        swapped = copy.falsified("SELECT * REPLACE (CASE id WHEN 3 THEN 4 WHEN 4 THEN 3 ELSE id END AS id) FROM kept")
        assert swapped.compared() == (
            "columns that stand in different rows together, though each alone has the same values",
        )


def test_keys_of_several_columns_are_told_in_their_order(source, tmp_path):
    running(
        source,
        "CREATE TABLE pairs (word text, number int, value int, PRIMARY KEY (word, number))",
        "INSERT INTO pairs VALUES ('b', -2, 1), ('a', 10, 1), ('a', 9, 1), ('z', 1, 1)",
    )
    with copied(source, tmp_path, wished("pairs")) as copy:
        other = copy.falsified("SELECT * REPLACE (CAST(2 AS INTEGER) AS value) FROM kept WHERE word <> 'z'")
        assert set(other.compared()) == {
            "column value: 3 rows, word, number from a, 9 to b, -2",
            "missing: 1 row, word, number z, 1",
        }


def test_personal_keys_are_not_shown_and_masked_ones_not_used(source, tmp_path):
    running(
        source,
        "CREATE TABLE accounts (email text PRIMARY KEY, number int)",
        "INSERT INTO accounts VALUES ('ada@example.com', 1), ('bob@example.com', 2)",
    )
    falsely = "SELECT * REPLACE (CAST(9 AS INTEGER) AS number) FROM kept"
    kept, masked = Masking(Policy.KEEP), Masking(Policy.TRUNCATE, characters=2)
    with copied(source, tmp_path, wished("accounts", masking={"email": kept})) as copy:
        assert copy.falsified(falsely).compared() == ("column number: 2 rows, email not shown, being personal",)
    with copied(source, tmp_path, wished("accounts", masking={"email": masked}), mask=Mask()) as copy:
        assert copy.compared() == ()
        assert copy.falsified(falsely).compared() == ("column number: no key says in which rows",)
