"""One key for all processes, that nobody else can read."""

import stat
import subprocess
import sys

import pytest
from pydantic import SecretStr

from analytics_pipelines.accounts.secret_key import KeyUnusable, secret_key
from analytics_pipelines_tests.conftest import settings_in

KEY = "k" * 32
PROGRAM = """
import sys
from pathlib import Path
from analytics_pipelines.accounts.secret_key import secret_key
from analytics_pipelines.foundation.settings import Settings
settings = Settings(_env_file=None, analytics_home=Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
print(secret_key(settings))
"""


def test_the_setting_wins_and_no_file_is_made(settings):
    assert secret_key(settings.model_copy(update={"secret_key": SecretStr(KEY)})) == KEY
    assert not settings.home.secret_key.exists()


def test_the_file_is_made_once_and_read_by_its_owner_alone(settings):
    first = secret_key(settings)
    assert len(first) == 64
    assert secret_key(settings) == first
    assert stat.S_IMODE(settings.home.secret_key.stat().st_mode) == 0o600
    assert [file.name for file in settings.home.path.iterdir()] == ["secret_key"]


def test_homes_have_different_keys(tmp_path):
    assert secret_key(settings_in(tmp_path / "a")) != secret_key(settings_in(tmp_path / "b"))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_can_read_is_refused(settings, mode):
    secret_key(settings)
    settings.home.secret_key.chmod(mode)
    with pytest.raises(KeyUnusable, match="Others can read"):
        secret_key(settings)


def test_a_key_that_its_owner_can_only_read_is_good(settings):
    first = secret_key(settings)
    settings.home.secret_key.chmod(0o400)
    assert secret_key(settings) == first


@pytest.mark.parametrize("content", [b"", b"short", b"\n" * 40])
def test_a_file_without_a_key_is_refused(settings, content):
    settings.home.path.mkdir()
    settings.home.secret_key.write_bytes(content)
    settings.home.secret_key.chmod(0o600)
    with pytest.raises(KeyUnusable, match="holds no key"):
        secret_key(settings)


def test_processes_that_start_at_once_agree(tmp_path):
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "home")]
    pipe = subprocess.PIPE
    running = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(2)]
    for each in running:
        assert each.stdout.readline() == "ready\n"
    for each in running:
        each.stdin.write("\n")
        each.stdin.flush()
    keys = {each.communicate(timeout=60)[0].strip() for each in running}
    assert len(keys) == 1
    assert len(keys.pop()) == 64
    assert [file.name for file in (tmp_path / "home").iterdir()] == ["secret_key"]
