"""The processes know where modules are, and no secret."""

from analytics_pipelines.foundation.workers.environment import ONE_THREAD, environment_of


def test_nothing_of_our_environment_is_handed_on(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hunter2")
    found = environment_of(["", "/a", "/b", "/a"])
    assert (found["TZ"], found["PYTHONPATH"]) == ("UTC", "/a:/b")
    assert {found[name] for name in ONE_THREAD} == {"1"}
    assert not {"SECRET_KEY", "HOME", "PATH"} & set(found)
