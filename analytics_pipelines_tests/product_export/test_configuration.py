"""Which tables are exported, from files and settings, and every way to say it wrong."""

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.product_export.configuration import BadExportTables, export_wishes
from analytics_pipelines.product_export.export_file import BadExportFile
from analytics_pipelines.product_export.wishes import OUT_OF_THE_BOX, Drift, Masking, Mode, Policy, TableWish

ELSEWHERE = "postgresql://reader@shop.example/shop"
ORDERS = """
[[tables]]
table = "shop.orders"
"""


def wishes(folder: Path, text: str = "", *, kind: str = "toml", **settings: Any) -> dict[str, TableWish]:
    """The wishes by name of a file with that text, beside other settings."""
    if text:
        settings["export_tables_file"] = folder / ("export." + kind)
        (folder / ("export." + kind)).write_text(dedent(text), encoding="utf-8")
    return {wish.name: wish for wish in export_wishes(Settings(_env_file=None, **settings))}


def test_users_and_items_are_exported_out_of_the_box(tmp_path: Path) -> None:
    assert tuple(wishes(tmp_path).values()) == OUT_OF_THE_BOX


def test_names_in_short_are_copied_as_a_whole(tmp_path: Path) -> None:
    found = wishes(tmp_path, export_tables="shop.orders, people")
    assert list(found) == ["orders", "people", "users", "items"]
    assert found["orders"] == TableWish(schema="shop", table="orders", name="orders")
    assert found["people"] == TableWish(schema="public", table="people", name="people")


def test_another_source_with_tables_of_its_own_needs_no_users_and_items(tmp_path: Path) -> None:
    assert list(wishes(tmp_path, export_tables="shop.orders", source_database_url=ELSEWHERE)) == ["orders"]
    assert list(wishes(tmp_path, source_database_url=ELSEWHERE)) == ["users", "items"]


def test_naming_the_products_own_tables_keeps_what_they_have(tmp_path: Path) -> None:
    found = wishes(tmp_path, export_tables="product.items,shop.orders", source_database_url=ELSEWHERE)
    assert found["items"] == OUT_OF_THE_BOX[1]


def test_a_file_says_all_of_a_table(tmp_path: Path) -> None:
    text = """
        [defaults]
        schema = "shop"
        drift = "freeze"
        full_every_days = 30

        [[tables]]
        table = "orders"
        name = "all_orders"
        excluded = ["card_number"]
        filter = " not is_test "
        key = "id"
        mode = "incremental"
        full_every_days = 14
        refuse_unknown_types = true
        types = { total = "TEXT" }
        whole_file = true
        [tables.masking]
        email = "hmac"
        ip = { policy = "truncate", characters = 7 }
        born = { policy = "generalise", to = "year" }
        price = { policy = "generalise", to = 10 }

        [[tables]]
        table = "logs.visits"
        columns = ["at", "path"]
        mode = "append"
        day_column = "at"
        late_days = 0
        drift = "fail"
    """
    found = wishes(tmp_path, text)
    assert found["all_orders"] == TableWish(
        schema="shop",
        table="orders",
        name="all_orders",
        excluded=("card_number",),
        filter="not is_test",
        key=("id",),
        mode=Mode.INCREMENTAL,
        full_every_days=14,
        drift=Drift.FREEZE,
        refuses_unknown_types=True,
        types={"total": "text"},
        masking={
            "email": Masking(Policy.HMAC),
            "ip": Masking(Policy.TRUNCATE, characters=7),
            "born": Masking(Policy.GENERALISE, to="year"),
            "price": Masking(Policy.GENERALISE, to="10"),
        },
        has_whole_file=True,
    )
    assert found["visits"] == TableWish(
        schema="logs",
        table="visits",
        name="visits",
        columns=("at", "path"),
        mode=Mode.APPEND,
        day_column="at",
        full_every_days=30,
        late_days=0,
        drift=Drift.FAIL,
    )


def test_yaml_says_the_same_as_toml(tmp_path: Path) -> None:
    toml = """
        [[tables]]
        table = "shop.orders"
        key = ["id", "part"]
        [tables.masking]
        email = "hmac"
    """
    yaml = """
        tables:
          - table: shop.orders
            key: [id, part]
            masking: {email: hmac}
    """
    assert wishes(tmp_path, toml) == wishes(tmp_path, yaml, kind="yaml") == wishes(tmp_path, yaml, kind="yml")


def test_the_file_holds_where_both_name_a_table(tmp_path: Path) -> None:
    found = wishes(tmp_path, ORDERS + 'key = "id"', export_tables="shop.orders,shop.people")
    assert found["orders"].key == ("id",)
    assert list(found) == ["orders", "people", "users", "items"]


def test_a_schema_told_apart_lets_the_table_have_dots(tmp_path: Path) -> None:
    found = wishes(tmp_path, '[[tables]]\nschema = "Shop.EU"\ntable = "Orders.2024"\n')
    assert (found["orders_2024"].schema, found["orders_2024"].table) == ("Shop.EU", "Orders.2024")


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("shop.Order Lines", "order_lines"),
        ("shop.2024_orders", "t_2024_orders"),
        ("public.users", "public_users"),
        ("product.users", "users"),
        ("shop.Größe", "gr_e"),
        ("shop." + "x" * 63, "x" * 50),
    ],
)
def test_the_lakes_name_is_made_of_the_tables(tmp_path: Path, source: str, name: str) -> None:
    assert name in wishes(tmp_path, export_tables=source)


def test_masking_the_products_own_columns_keeps_their_types(tmp_path: Path) -> None:
    users = wishes(tmp_path, '[[tables]]\ntable = "product.users"\nmasking.email = "hmac"\n')["users"]
    assert users.types == {"id": "bigint"}
    assert users.masking == {"email": Masking(Policy.HMAC), "full_name": Masking(Policy.KEEP)}
    assert users.has_whole_file


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[tables]\n", "line 1"),
        (ORDERS + "mode = 'increment'", "line 4, shop.orders, mode: input should be 'full', 'incremental'"),
        (ORDERS + "exclud = ['a']", "line 4, shop.orders, exclud: there is no such key; excluded is meant, perhaps"),
        (ORDERS + "zzz = 1", "there is no such key; there are columns, day_column, drift"),
        (ORDERS + "key = []", "line 4, shop.orders, key: "),
        (ORDERS + "key = ['a', 'a']", "line 4, shop.orders, key: a stands there twice"),
        (ORDERS + "columns = ['a']\nkey = 'b'", "line 5, shop.orders, key: b is not among the exported columns"),
        (ORDERS + "columns = ['a']\nexcluded = ['a']", "line 5, shop.orders, excluded: `columns` says already"),
        (ORDERS + "excluded = ['a']\ntypes.a = 'text'", "line 5, shop.orders, types: a is not among"),
        (ORDERS + "mode = 'append'", "line 4, shop.orders, mode: append needs a `day_column`"),
        (ORDERS + "day_column = 'at'", "line 4, shop.orders, day_column: only the mode append"),
        (ORDERS + "late_days = 3", "line 4, shop.orders, late_days: only the mode append"),
        (ORDERS + "full_every_days = 3", "line 4, shop.orders, full_every_days: only the mode incremental"),
        (ORDERS + "full_every_days = 0", "line 4, shop.orders, full_every_days: input should be greater"),
        (ORDERS + "masking.a = 'hash'", "line 4, shop.orders, masking.a.policy: input should be 'keep', 'drop'"),
        (ORDERS + "masking.a = 'truncate'", "line 4, shop.orders, masking.a: `characters` belongs to the policy"),
        (
            ORDERS + "[tables.masking]\na = 'hmac'\nb = {policy = 'hmac', to = 'day'}",
            "line 6, shop.orders, masking.b: `to` belongs to the policy generalise",
        ),
        (ORDERS + "key = 'a'\nmasking.a = 'drop'", "line 5, shop.orders, masking: a is part of the key"),
        (
            ORDERS + "mode = 'append'\nday_column = 'a'\nmasking.a = 'hmac'",
            "line 6, shop.orders, masking: a tells the day",
        ),
        (ORDERS + "name = 'Orders'", "line 4, shop.orders, name: string should match"),
        (ORDERS + "name = 'users'", "line 4, shop.orders, name: users is kept for product.users"),
        (ORDERS + ORDERS + "key = 'id'", "line 5, shop.orders, name: shop.orders is called orders in the lake already"),
        ("[[tables]]\ntable = 'shop.'", "line 2, shop., table: write schema.table"),
        ("[[tables]]\nkey = 'id'", "line 1, table 1, table: is missing"),
        ("tables = 5", "tables: should be a list"),
        ("defaults = 5", "defaults: should hold keys and values"),
        (ORDERS + "key = {}", "line 4, shop.orders, key: should be a list"),
        ("[defaults]\nmod = 'full'", "line 2, defaults.mod: there is no such key; mode is meant, perhaps"),
        ("[default]\nmode = 'full'", "line 1, default: there is no such key; defaults is meant, perhaps"),
        ("[[tables]]\ntable = 'product.users'\nmode = 'incremental'", "line 3, product.users, mode: core_app__users"),
        ("[[tables]]\ntable = 'product.users'\nmasking.email = 'drop'", "core_app__users needs email"),
    ],
)
def test_what_can_not_be_is_refused_with_line_table_and_key(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadExportFile) as refused:
        wishes(tmp_path, text)
    assert told in refused.value.detail
    assert "EXPORT_TABLES_FILE, export.toml: " in refused.value.detail
    assert str(tmp_path) not in str(refused.value)


def test_all_that_is_wrong_with_the_shape_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadExportFile, match=r"line 4, .*mode.*; line 7, .*drift") as refused:
        wishes(tmp_path, ORDERS + "mode = 1" + ORDERS + "drift = 2")
    assert refused.value.detail.count(";") == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tables: [", "line 1"),
        ("tables:\n- table: a.b\n  mode: full\n  mode: append\n", "line 4: mode stands there twice"),
        ("tables:\n- table: a.b\n  key: {}\n", "line 3, a.b, key"),
        ("- a\n", "should hold keys and values"),
        ("? [a]\n: b\n", "line 1: found unhashable key"),
        pytest.param("tables: &again\n- *again\n", "line 1, table 1: should hold keys and values", id="a circle"),
        ("tables:\n- !!python/object:os.system {}\n", "line 2: could not determine a constructor"),
    ],
)
def test_yaml_is_refused_with_its_lines(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadExportFile) as refused:
        wishes(tmp_path, text, kind="yaml")
    assert told in refused.value.detail


def test_a_file_that_is_not_there_is_named_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(BadExportFile, match=r"gone\.toml, can not be read: No such file") as refused:
        wishes(tmp_path, export_tables_file=tmp_path / "gone.toml")
    assert str(tmp_path) not in str(refused.value)


@pytest.mark.parametrize("names", ["shop.orders,mall.orders", "shop.Orders,shop.orders"])
def test_two_short_names_that_meet_in_the_lake_are_refused(tmp_path: Path, names: str) -> None:
    with pytest.raises(BadExportTables, match="one name in the lake"):
        wishes(tmp_path, export_tables=names)


@pytest.mark.parametrize("name", [".orders", "shop.", "."])
def test_half_a_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadExportTables, match="is no table"):
        wishes(tmp_path, export_tables=name)
