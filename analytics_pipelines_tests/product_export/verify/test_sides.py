import pytest

from analytics_pipelines.foundation.sql import Sql, name
from analytics_pipelines.product_export.verify.sides import LakeSide, SourceSide
from analytics_pipelines_tests.product_export.verify.copies import copied, running, wished

LATIN = "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"


@pytest.fixture
def sides(events):
    return SourceSide(events.snapshot.connection, events.plan), LakeSide(events.cursor, events.rows)


def test_both_answer_the_same_question_alike(events, sides):
    answers = [
        list(
            side.asked(
                Sql("count(*)"),
                side.checksum(events.plan.columns),
                condition=Sql("{column} > 4000").fill(column=name("id")),
            )
        )
        for side in sides
    ]
    assert answers[0] == answers[1]
    assert answers[0][0][0] == 1000


def test_both_hash_a_value_alike(events, sides):
    hashes = [
        sorted(side.asked(side.hashed(side.text(column), 15)))
        for side in sides
        for column in events.plan.columns
        if column.lake.name == "score"
    ]
    assert hashes[0] == hashes[1]
    assert len(hashes[0]) == 5000


def test_a_database_in_another_encoding_is_compared_too(postgres_server, tmp_path):
    running(postgres_server.superuser(), LATIN)
    latin = postgres_server.superuser("latin")
    try:
        running(
            latin,
            "SET client_encoding = 'UTF8'",
            "CREATE TABLE words (id int PRIMARY KEY, word text, short varchar(9))",
            "INSERT INTO words VALUES (1, 'é', 'z'), (2, 'ÿþ', 'é')",
        )
        with copied(latin, tmp_path, wished("words")) as copy:
            assert copy.summed_up() == []
            assert copy.compared() == ()
            other = copy.falsified("SELECT * REPLACE (replace(word, 'é', 'e') AS word) FROM kept")
            assert other.compared() == ("column word: 1 row, id 1",)
    finally:
        postgres_server.drop("latin")
