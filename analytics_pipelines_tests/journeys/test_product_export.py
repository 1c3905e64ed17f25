from collections import Counter

import pytest
import sqlalchemy as sa

from analytics_pipelines.product_export.seed import seed
from analytics_pipelines_tests.waiting import wait_until

pytestmark = pytest.mark.timeout(180)
OWNERS = sa.text("SELECT u.email FROM product.items AS i JOIN product.users AS u ON u.id = i.owner_id")
ITEMS = "/api/v1/analytics/items_by_user"


def test_from_the_products_rows_to_who_owns_what(house, today):
    seed(house.database, today=today, users=30, items=200)
    assert house.client.get(ITEMS).status_code == 503
    house.make("product_export", today, today)
    wait_until(lambda: house.client.get(ITEMS).status_code == 200)
    with house.database.reading() as connection:
        expected = Counter(connection.scalars(OWNERS))
    found = house.answer(ITEMS)
    assert {row["email"]: row["item_count"] for row in found} == expected
    assert found == sorted(found, key=lambda row: (-row["item_count"], row["email"]))


def test_what_changes_in_the_product_is_seen_after_the_next_run(house, today):
    seed(house.database, today=today, users=5, items=20)
    house.make("product_export", today, today)
    wait_until(lambda: house.client.get(ITEMS).status_code == 200)
    before = house.answer(ITEMS)
    with house.database.writing() as connection:
        connection.execute(sa.text("DELETE FROM product.items"))
    assert house.answer(ITEMS) == before
    house.make("product_export", today, today)
    wait_until(lambda: house.answer(ITEMS) == [])
