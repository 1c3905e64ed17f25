"""The door of the items on a real PostgreSQL."""

import pytest

USERS, ITEMS = "/api/v1/users", "/api/v1/items"
LAMP = {"title": "lamp"}
NOTHING = ITEMS + "/2000000000"


@pytest.fixture
def owners(call):
    """The numbers of Ada and Bob."""
    return [call("POST", USERS, json={"email": name + "@example.com"}).json()["id"] for name in ("ada", "bob")]


def test_an_item_is_made_read_changed_and_deleted_by_its_owner(call, owners):
    answer = call("POST", ITEMS, "ada", json={"title": " lamp ", "description": "Blue."})
    item = answer.json()
    path = ITEMS + "/" + str(item["id"])
    assert (answer.status_code, answer.headers["location"]) == (201, path)
    assert item == {
        "id": item["id"],
        "owner_id": owners[0],
        "title": "lamp",
        "description": "Blue.",
        "created_at": item["created_at"],
        "updated_at": item["created_at"],
    }
    assert call("GET", path).json() == item
    changed = call("PATCH", path, "ada", json={"description": " "}).json()
    assert changed == item | {"description": None, "updated_at": changed["updated_at"]}
    assert call("POST", path, "ada", json={"title": "desk"}).json()["title"] == "desk"
    assert call("DELETE", path, "ada").status_code == 204
    assert call("GET", path).json()["code"] == "NoSuchItem"


def test_items_are_listed_in_pages_and_by_filters(call, owners):
    items = [
        call("POST", ITEMS, json={"title": title, "owner_id": owner}).json()
        for title, owner in [("lamp", owners[0]), ("desk", owners[0]), ("chair", owners[1])]
    ]
    first = call("GET", ITEMS, params={"limit": 2}).json()
    assert first["items"] == items[:2]
    rest = call("GET", ITEMS, params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert rest == {"items": items[2:], "next_cursor": None}
    for filters in ({"owner_id": owners[1]}, {"q": "HAI"}):
        assert call("GET", ITEMS, params=filters).json()["items"] == items[2:]
    assert call("GET", ITEMS, params={"q": "desk", "cursor": first["next_cursor"]}).json()["code"] == "BadCursor"


def test_an_item_is_written_by_its_owner_and_by_admins_alone(call, owners):
    path = ITEMS + "/" + str(call("POST", ITEMS, "ada", json=LAMP).json()["id"])
    assert call("PATCH", path, "bob", json={"title": "mine"}).json()["code"] == "NotYours"
    assert call("DELETE", path, "bob").status_code == 403
    assert call("POST", ITEMS, "bob", json=LAMP | {"owner_id": owners[0]}).json()["code"] == "NotYours"
    assert call("PATCH", path, "ada", json={"owner_id": owners[1]}).json()["code"] == "ForAdminsOnly"
    assert call("PATCH", path, json={"owner_id": owners[1], "title": "Bob's"}).json()["owner_id"] == owners[1]
    assert call("DELETE", path, "ada").json()["code"] == "NotYours"
    assert call("DELETE", path, "bob").status_code == 204


def test_an_admin_says_whose_an_item_is(call, owners):
    answer = call("POST", ITEMS, json=LAMP)
    assert (answer.status_code, answer.json()["code"]) == (422, "OwnerMissing")
    assert call("POST", ITEMS, "admin-ada", json=LAMP).json()["owner_id"] == owners[0]
    missing = call("POST", ITEMS, json=LAMP | {"owner_id": 2_000_000_000})
    assert (missing.status_code, missing.json()["code"]) == (422, "UnknownOwner")


def test_who_has_no_user_or_an_inactive_one_makes_no_items(call):
    assert call("POST", ITEMS, "ada", json=LAMP).json()["code"] == "SpeaksForNobody"
    call("POST", USERS, json={"email": "ada@example.com", "is_active": False})
    assert call("POST", ITEMS, "ada", json=LAMP).json()["code"] == "UserInactive"
    assert call("GET", ITEMS).json()["items"] == []


@pytest.mark.parametrize(
    ("method", "path"), [("POST", ITEMS), ("PATCH", NOTHING), ("POST", NOTHING), ("DELETE", NOTHING)]
)
@pytest.mark.parametrize(("token", "status"), [(None, 401), ("nonsense", 401), ("viewer", 403), ("analyst", 403)])
def test_nothing_is_written_without_the_scope(call, method, path, token, status):
    assert call(method, path, token, json=LAMP).status_code == status


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="no title"),
        pytest.param({"title": " "}, id="a blank title"),
        pytest.param({"title": None}, id="null"),
        pytest.param({"title": "a" * 201}, id="a title too long"),
        pytest.param(LAMP | {"description": "a" * 10_001}, id="a description too long"),
        pytest.param(LAMP | {"owner_id": "1"}, id="a text for a number"),
        pytest.param(LAMP | {"owner_id": 2**31}, id="a number too high"),
        pytest.param(LAMP | {"price": 7}, id="a name that is not known"),
        pytest.param({"title": "a\x00"}, id="a NUL"),
    ],
)
def test_a_body_that_is_no_item_is_refused(call, owners, body):
    assert call("POST", ITEMS, "ada", json=body).status_code == 422
    assert call("GET", ITEMS).json()["items"] == []


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        pytest.param("GET", NOTHING, 404, "NoSuchItem", id="read"),
        pytest.param("PATCH", NOTHING, 404, "NoSuchItem", id="changed"),
        pytest.param("DELETE", NOTHING, 404, "NoSuchItem", id="deleted"),
        pytest.param("GET", ITEMS + "/x", 422, "InvalidRequest", id="no number"),
        pytest.param("GET", ITEMS + "?owner_id=0", 422, "InvalidRequest", id="an owner that none can be"),
    ],
)
def test_other_requests_get_a_problem_that_says_why(call, method, path, status, code):
    answer = call(method, path, json={} if method == "PATCH" else None)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
