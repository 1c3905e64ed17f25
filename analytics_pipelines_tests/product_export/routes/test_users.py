"""The door of the users on a real PostgreSQL."""

from datetime import datetime

import pytest

from analytics_pipelines_tests.product_export.routes.doors import caller_of

USERS = "/api/v1/users"
ADA = {"email": "ada@example.com"}
NOBODY = USERS + "/2000000000"


def made(call, **body):
    return call("POST", USERS, json=ADA | body).json()


def test_a_user_is_made_read_changed_and_deleted(call):
    answer = call("POST", USERS, json={"email": " Ada@Example.com ", "full_name": " Ada "})
    user = answer.json()
    path = USERS + "/" + str(user["id"])
    assert (answer.status_code, answer.headers["location"]) == (201, path)
    assert user == {
        "id": user["id"],
        "email": "ada@example.com",
        "full_name": "Ada",
        "is_active": True,
        "created_at": user["created_at"],
        "updated_at": user["created_at"],
    }
    assert datetime.fromisoformat(user["created_at"]).utcoffset().total_seconds() == 0
    assert call("GET", path).json() == user
    changed = call("PATCH", path, json={"full_name": "", "is_active": False}).json()
    assert changed == user | {"full_name": None, "is_active": False, "updated_at": changed["updated_at"]}
    assert call("POST", path, json={"is_active": True}).json()["is_active"] is True
    gone = call("DELETE", path)
    assert (gone.status_code, gone.content) == (204, b"")
    assert call("GET", path).json()["code"] == "NoSuchUser"


def test_users_are_listed_in_pages_and_by_filters(call):
    users = [made(call, email=name + "@example.com", is_active=name != "eve") for name in ("ada", "bob", "eve")]
    first = call("GET", USERS, params={"limit": 2}).json()
    assert first["users"] == users[:2]
    rest = call("GET", USERS, params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert rest == {"users": users[2:], "next_cursor": None}
    for filters in ({"is_active": False}, {"q": "EVE"}, {"email": "Eve@example.com"}):
        assert call("GET", USERS, params=filters).json()["users"] == users[2:]


def test_a_user_writes_as_the_token_says_and_nobody_else(call):
    signed_up = call("POST", USERS, "ada", json=ADA)
    assert signed_up.status_code == 201
    path = USERS + "/" + str(signed_up.json()["id"])
    assert call("PATCH", path, "ada", json={"full_name": "Ada"}).status_code == 200
    assert call("POST", USERS, "bob", json=ADA).json()["code"] == "NotYours"
    assert call("PATCH", path, "bob", json={"full_name": "Eve"}).json()["code"] == "NotYours"
    assert call("DELETE", path, "bob").status_code == 403
    assert call("PATCH", path, "ada", json={"is_active": False}).json()["code"] == "ForAdminsOnly"
    assert call("GET", path).json()["full_name"] == "Ada"
    assert call("DELETE", path, "ada").status_code == 204


@pytest.mark.parametrize(
    ("token", "status"),
    [(None, 401), ("nonsense", 401), ("viewer", 403), ("analyst", 403), ("metrics", 403)],
)
def test_nothing_is_written_without_the_scope_even_in_development(tmp_path, database, token, status):
    call = caller_of(tmp_path, database, environment="development", auth_required_for_reads=False)
    for method, path in [("POST", USERS), ("PATCH", NOBODY), ("POST", NOBODY), ("DELETE", NOBODY)]:
        assert call(method, path, token, json=ADA).status_code == status
    assert call("GET", USERS, None).json() == {"users": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("token", "status"), [(None, 401), ("nonsense", 401), ("metrics", 403), ("viewer", 200), ("ada", 200)]
)
def test_reading_takes_a_token_of_a_viewer_or_a_user_where_reads_need_one(call, token, status):
    assert call("GET", USERS, token).status_code == status


def test_a_user_who_is_no_viewer_reads_the_own_rows_alone(call):
    ada, bob = (made(call, email=name + "@example.com") for name in ("ada", "bob"))
    lamp = call("POST", "/api/v1/items", json={"title": "lamp", "owner_id": bob["id"]}).json()
    assert call("GET", USERS, "ada").json()["users"] == [ada]
    assert call("GET", "/api/v1/items", "ada").json()["items"] == []
    for path in ("users/" + str(bob["id"]), "items/" + str(lamp["id"])):
        assert call("GET", "/api/v1/" + path, "ada").status_code == 404
        assert call("GET", "/api/v1/" + path, "bob").status_code == 200
    assert call("GET", USERS, "bob").json()["users"] == [ada, bob]
    assert call("GET", "/api/v1/analytics/growth", "ada").status_code == 403


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({}, "InvalidRequest", id="no address"),
        pytest.param({"email": "ada"}, "BadEmail", id="no address but a name"),
        pytest.param({"email": None}, "InvalidRequest", id="null"),
        pytest.param(ADA | {"id": 7}, "InvalidRequest", id="a number of one's own"),
        pytest.param(ADA | {"is_active": "yes"}, "InvalidRequest", id="a word for a truth"),
        pytest.param(ADA | {"full_name": "a" * 201}, "InvalidRequest", id="a name too long"),
        pytest.param(ADA | {"full_name": "a\x00b"}, "TextNotStorable", id="a NUL in the name"),
        pytest.param([ADA], "InvalidRequest", id="a list"),
    ],
)
def test_a_body_that_is_no_user_is_refused(call, body, code):
    answer = call("POST", USERS, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert call("GET", USERS).json()["users"] == []


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        pytest.param("GET", NOBODY, 404, "NoSuchUser", id="read"),
        pytest.param("PATCH", NOBODY, 404, "NoSuchUser", id="changed"),
        pytest.param("DELETE", NOBODY, 404, "NoSuchUser", id="deleted"),
        pytest.param("GET", USERS + "/0", 422, "InvalidRequest", id="number nought"),
        pytest.param("GET", USERS + "/2147483648", 422, "InvalidRequest", id="a number too high"),
        pytest.param("GET", USERS + "?cursor=abc", 422, "BadCursor", id="a cursor made up"),
        pytest.param("GET", USERS + "?q=%00", 422, "TextNotStorable", id="a NUL"),
        pytest.param("GET", USERS + "?limit=1001", 422, "InvalidRequest", id="too many"),
        pytest.param("PUT", NOBODY, 405, "MethodNotAllowed", id="another method"),
    ],
)
def test_other_requests_get_a_problem_that_says_why(call, method, path, status, code):
    answer = call(method, path, json={} if method in {"PATCH", "PUT"} else None)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_address_twice_is_a_conflict(call):
    made(call)
    answer = call("POST", USERS, json={"email": "ADA@example.com"})
    assert (answer.status_code, answer.json()["code"]) == (409, "EmailTaken")
