"""The first admin is made once, whoever asks first."""

import threading

import pytest

from analytics_pipelines.accounts.bootstrap import first_admin
from analytics_pipelines.accounts.log_in import LogIn, log_in
from analytics_pipelines.accounts.users import Role, list_users, set_active
from analytics_pipelines_tests.accounts.conftest import made
from analytics_pipelines_tests.apps import NOW


def test_the_first_admin_can_log_in_and_is_made_once(database, settings, throttle):
    found = first_admin(database)
    assert found.username == "admin"
    assert found.password not in repr(found)
    log_in(database, settings, LogIn("admin", found.password), throttle=throttle, at=NOW)
    assert first_admin(database) is None
    assert [(user.email, user.role) for user in list_users(database)] == [("admin@localhost", Role.ADMIN)]


def test_where_an_admin_is_none_is_made_though_shut_out(database):
    made(database, "root", Role.ADMIN)
    made(database, "toor", Role.ADMIN)
    set_active(database, "root", is_active=False)
    assert first_admin(database) is None


@pytest.mark.parametrize("taken", [("admin",), ("Admin", "admin2")])
def test_who_registered_under_the_name_keeps_it_and_becomes_no_admin(database, taken):
    for name in taken:
        made(database, name)
    assert first_admin(database).username == "admin" + str(len(taken) + 1)
    assert sum(user.role is Role.ADMIN for user in list_users(database)) == 1


def test_of_processes_that_start_at_once_one_makes_it(database):
    found = []
    threads = [threading.Thread(target=lambda: found.append(first_admin(database))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(each is not None for each in found) == 1
    assert len(list_users(database)) == 1
