"""Items through the real schema."""

import pytest

from analytics_pipelines.foundation.postgres.failures import TextNotStorable
from analytics_pipelines.product_export.keeping.changing import UnknownOwner
from analytics_pipelines.product_export.keeping.items import (
    ItemFilter,
    NoSuchItem,
    OwnerMissing,
    change_item,
    create_item,
    delete_item,
    list_items,
    read_item,
)
from analytics_pipelines.product_export.keeping.rights import Reader, Writer
from analytics_pipelines.product_export.keeping.users import create_user

ADMIN = Writer(None, is_admin=True)
ALL = Reader(None, sees_all=True)
ADA = Writer("ada@example.com", is_admin=False)


@pytest.fixture
def owners(database):
    """Ada and Bob, by their numbers."""
    return [create_user(database, ADMIN, email=name + "@example.com").id for name in ("ada", "bob")]


def test_an_item_belongs_to_whom_the_token_speaks_for(database, owners):
    item = create_item(database, ADA, title="lamp", description="Blue.")
    assert (item.owner_id, item.title, item.description) == (owners[0], "lamp", "Blue.")
    assert item.created_at == item.updated_at
    assert read_item(database, ALL, item.id) == item


def test_an_admin_says_whose_an_item_is_unless_the_token_does(database, owners):
    assert create_item(database, ADMIN, title="lamp", owner_id=owners[1]).owner_id == owners[1]
    with pytest.raises(OwnerMissing):
        create_item(database, ADMIN, title="lamp")
    assert create_item(database, Writer("bob@example.com", is_admin=True), title="lamp").owner_id == owners[1]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"title": "desk"}, ("desk", "Blue."), id="title"),
        pytest.param({"description": None}, ("lamp", None), id="no description"),
        pytest.param({"title": "desk", "description": "Red."}, ("desk", "Red."), id="both"),
    ],
)
def test_what_is_named_changes_and_the_rest_stays(database, owners, changes, expected):
    before = create_item(database, ADA, title="lamp", description="Blue.")
    other = create_item(database, ADA, title="chair")
    after = change_item(database, ADA, before.id, changes)
    assert (after.title, after.description, after.owner_id) == (*expected, owners[0])
    assert after.created_at == before.created_at < after.updated_at
    assert read_item(database, ALL, before.id) == after
    assert read_item(database, ALL, other.id) == other


def test_a_change_that_changes_nothing_leaves_the_moment_alone(database, owners):
    item = create_item(database, ADA, title="lamp")
    assert change_item(database, ADA, item.id, {"title": "lamp", "owner_id": owners[0]}) == item


def test_an_admin_gives_an_item_to_another_owner(database, owners):
    item = create_item(database, ADA, title="lamp")
    assert change_item(database, ADMIN, item.id, {"owner_id": owners[1]}).owner_id == owners[1]
    with pytest.raises(UnknownOwner):
        change_item(database, ADMIN, item.id, {"owner_id": 2_000_000_000})
    with pytest.raises(UnknownOwner):
        create_item(database, ADMIN, title="lamp", owner_id=2_000_000_000)
    assert read_item(database, ALL, item.id).owner_id == owners[1]


def test_a_deleted_item_is_gone_and_others_stay(database, owners):
    gone, kept = (create_item(database, ADA, title="lamp") for _ in range(2))
    delete_item(database, ADA, gone.id)
    assert list_items(database, ALL, ItemFilter(), limit=9).items == [kept]
    for call in (
        lambda: read_item(database, ALL, gone.id),
        lambda: change_item(database, ADMIN, gone.id, {}),
        lambda: delete_item(database, ADMIN, gone.id),
    ):
        with pytest.raises(NoSuchItem):
            call()


def test_a_title_that_postgresql_can_not_hold_is_refused(database, owners):
    with pytest.raises(TextNotStorable):
        create_item(database, ADA, title="a\x00")
    with pytest.raises(TextNotStorable):
        list_items(database, ALL, ItemFilter(q="\x00"), limit=1)


@pytest.mark.parametrize(
    ("q", "of", "expected"),
    [
        pytest.param(None, None, ["Blue lamp", "Red lamp", "100 % desk"], id="all"),
        pytest.param("LAMP", None, ["Blue lamp", "Red lamp"], id="part of the title"),
        pytest.param("%", None, ["100 % desk"], id="signs of patterns stand for themselves"),
        pytest.param(None, 1, ["Red lamp"], id="of one owner"),
        pytest.param("desk", 1, [], id="both"),
    ],
)
def test_a_list_holds_what_was_asked_for(database, owners, q, of, expected):
    for title, owner in [("Blue lamp", 0), ("Red lamp", 1), ("100 % desk", 0)]:
        create_item(database, ADMIN, title=title, owner_id=owners[owner])
    wanted = ItemFilter(q=q, owner_id=None if of is None else owners[of])
    first = list_items(database, ALL, wanted, limit=2)
    rest = list_items(database, ALL, wanted, limit=2, cursor=first.next_cursor) if first.next_cursor else None
    assert [item.title for page in (first, rest) if page for item in page.items] == expected
