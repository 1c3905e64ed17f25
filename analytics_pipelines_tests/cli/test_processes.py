"""Which processes `up` runs, how, and where they can be reached; faults/test_up.py runs them."""

import socket
import sys
from pathlib import Path

import pytest

from analytics_pipelines.cli import processes
from analytics_pipelines.cli.supervisor import Child, Program
from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.processes import any_free_port
from analytics_pipelines_tests.conftest import settings_in

EVERYWHERE = ".".join("0000")


def test_the_api_gets_the_home_and_the_settings_that_were_given(tmp_path: Path) -> None:
    program = processes.api_program(settings_in(tmp_path / "my home", api_port=8123, api_workers=3))
    assert program.environment["ANALYTICS_HOME"] == str(tmp_path / "my home")
    assert program.environment["API_PORT"] == "8123"
    assert program.command[program.command.index("--workers") + 1] == "3"


def test_sql_runs_beside_the_api_in_the_same_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_in(tmp_path / "home", database_url="postgresql://somebody@127.0.0.1:1/none")
    started: list[list[Program]] = []
    monkeypatch.setattr(processes, "supervise", lambda _, programs, __: started.append(programs))
    processes.serve(settings, with_dagster=False)
    processes.serve(settings, with_dagster=True)
    assert [program.name for program in started[0]] == ["api", "sql"]
    assert [program.name for program in started[1]][:2] == ["api", "sql"]
    sql = started[0][1]
    assert sql.command == (sys.executable, "-m", "analytics_pipelines.sql_service.broker")
    assert sql.environment["ANALYTICS_HOME"] == str(tmp_path / "home")


def test_dagster_keeps_its_state_below_the_home(tmp_path: Path) -> None:
    webserver, daemon = processes.dagster_programs(settings_in(tmp_path / "home"))
    assert webserver.environment["DAGSTER_HOME"] == daemon.environment["DAGSTER_HOME"] == str(tmp_path / "home/dagster")
    assert (tmp_path / "home" / "dagster" / "dagster.yaml").is_file()


def test_the_first_admin_is_told_once(database_urls, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = settings_in(tmp_path / "home", database_url=database_urls.app)
    processes.tell_first_admin(settings)
    assert capsys.readouterr().out.startswith("log in as  admin with the password ")
    processes.tell_first_admin(settings)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:8000"), (EVERYWHERE, "http://127.0.0.1:8000"), ("::1", "http://[::1]:8000")],
)
def test_an_address_that_means_all_is_told_as_this_machine(tmp_path: Path, host: str, url: str) -> None:
    settings = settings_in(tmp_path, api_host=host, dagster_host=host)
    assert processes.api_url(settings) == url
    assert processes.dagster_url(settings) == url.replace("8000", "3000")
    assert "Dagster" in processes.addresses(settings, ["api", "dagster-webserver"])
    assert "Dagster" not in processes.addresses(settings, ["api"])


def test_a_taken_port_is_told_with_the_setting_that_moves_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PORT_WAIT_S", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(SetupError, match="API_PORT"):
        processes.must_be_free("127.0.0.1", listener.getsockname()[1], "API_PORT")


def test_waiting_for_an_answer_ends_when_the_process_does(tmp_path: Path) -> None:
    child = Child(Program("gone", (sys.executable, "-c", ""), {}, tmp_path / "log"))
    child.start()
    assert child.process is not None
    child.process.wait()
    assert not processes.answers_within(f"http://127.0.0.1:{any_free_port('127.0.0.1')}/", 30, child)
