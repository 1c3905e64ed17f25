from collections import Counter

import pytest
import sqlalchemy as sa

from analytics_pipelines.accounts.tokens import create_token
from analytics_pipelines.product_export.seed import seed
from analytics_pipelines_tests.waiting import wait_until

pytestmark = pytest.mark.timeout(180)
OWNERS = sa.text("SELECT u.email FROM product.items AS i JOIN product.users AS u ON u.id = i.owner_id")
ITEMS = "/api/v1/analytics/items_by_user"
ACTIVE_USERS = "/api/v1/analytics/active_users"
GROWTH = "/api/v1/analytics/growth"
RETENTION = "/api/v1/analytics/retention"


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


def test_what_users_do_in_the_product_is_seen_after_the_next_run(house, today):
    token = create_token(house.database, name="ada", scopes=["product:write"], subject="ada@example.com")
    house.client.headers["authorization"] = "Bearer " + token
    user = house.client.post("/api/v1/users", json={"email": "Ada@example.com", "full_name": "Ada"}).json()
    lamp, desk = (house.client.post("/api/v1/items", json={"title": title}).json()["id"] for title in ("lamp", "desk"))
    house.make("product_export", today, today)
    wait_until(lambda: house.client.get(ITEMS).status_code == 200)
    active = {"user_id": user["id"], "email": "ada@example.com", "full_name": "Ada", "item_count": 2}
    assert house.answer(ACTIVE_USERS) == [active]
    assert house.answer(GROWTH)[-1] == {"created_date": today.isoformat()} | dict(
        zip(("new_user_count", "new_item_count", "user_count", "item_count"), (1, 2, 1, 2), strict=True)
    )
    assert house.answer(RETENTION)[-1]["periods"][0]["active_pct"] == 100
    for number in (lamp, desk):
        assert house.client.delete("/api/v1/items/" + str(number)).status_code == 204
    assert house.answer(ACTIVE_USERS) == [active]
    house.make("product_export", today, today)
    wait_until(lambda: house.answer(ACTIVE_USERS) == [active | {"item_count": 0}])
    assert house.answer(ITEMS) == []
