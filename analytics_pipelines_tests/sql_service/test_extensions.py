"""Extensions: DuckDB's own INSTALL from a repository on disk, a real signed file, names that are refused."""

import gzip
import shutil
from pathlib import Path

import duckdb
import pytest

from analytics_pipelines.foundation.duck import extension_file
from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.sql_service import extensions
from analytics_pipelines.sql_service.extensions import extension_files, install
from analytics_pipelines.sql_service.places import Places
from analytics_pipelines_tests.conftest import settings_in

pytestmark = pytest.mark.needs_extension
NAME = "httpfs"
"""Signed by DuckDB and in a wheel here, so that it can stand for one that is downloaded."""


@pytest.fixture
def _no_wheels(monkeypatch):
    def none(extension):
        raise SetupError(extension)

    monkeypatch.setattr(extensions, "extension_file", none)


@pytest.fixture
def _any_may_be_enabled(monkeypatch):
    monkeypatch.setattr(extensions, "REACHES_OUT", frozenset())


@pytest.fixture
def repository(tmp_path) -> Path:
    platform = duckdb.sql("PRAGMA platform").fetchall()[0][0]
    folder = tmp_path / "repository" / ("v" + duckdb.__version__) / platform
    folder.mkdir(parents=True)
    with (
        extension_file(NAME).open("rb") as file,
        gzip.open(folder / (NAME + ".duckdb_extension.gz"), "wb", compresslevel=1) as packed,
    ):
        shutil.copyfileobj(file, packed)
    return tmp_path / "repository"


@pytest.mark.usefixtures("_no_wheels", "_any_may_be_enabled")
def test_what_is_installed_can_be_enabled_and_loaded(tmp_path, repository):
    settings = settings_in(tmp_path / "home", sql_extensions=(NAME,))
    with pytest.raises(SetupError, match=f"analytics extension install {NAME}"):
        extension_files(settings)
    installed = install(settings, NAME, repository=str(repository))
    assert (installed.is_installed, installed.is_enabled, installed.is_built_in) == (True, True, False)
    (file,) = extension_files(settings)
    assert file == installed.file
    assert Path(file).is_relative_to(Places.of(settings.home).extensions)
    duckdb.connect(config={"allow_unsigned_extensions": False}).execute(f"LOAD '{file}'")
    told = {each.name: each for each in extensions.extensions(settings)}
    assert told[NAME].is_enabled
    assert (told["json"].is_built_in, told["json"].is_enabled) == (True, True)


@pytest.mark.usefixtures("_no_wheels", "_any_may_be_enabled")
def test_a_file_that_duckdb_did_not_sign_is_removed_again(tmp_path, repository):
    (packed,) = repository.rglob("*.gz")
    content = bytearray(gzip.decompress(packed.read_bytes()))
    content[len(content) // 2] ^= 0xFF
    packed.write_bytes(gzip.compress(bytes(content), 1))
    settings = settings_in(tmp_path / "home")
    with pytest.raises(SetupError, match=r"not what DuckDB signed|could not be installed"):
        install(settings, NAME, repository=str(repository))
    assert not list(Places.of(settings.home).extensions.rglob("*.duckdb_extension*"))


@pytest.mark.usefixtures("_any_may_be_enabled")
def test_a_wheel_counts_as_installed(tmp_path):
    settings = settings_in(tmp_path / "home", sql_extensions=(NAME, "json"))
    assert extension_files(settings) == (str(extension_file(NAME)),)


@pytest.mark.usefixtures("_no_wheels")
def test_without_a_repository_the_error_says_what_to_do(tmp_path):
    with pytest.raises(SetupError, match="needs the network") as told:
        install(settings_in(tmp_path / "home"), "tpch", repository=str(tmp_path / "nowhere"))
    assert "duckdb-extension-tpch" in str(told.value)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        pytest.param("../../etc/passwd", "names of DuckDB's extensions", id="a path"),
        pytest.param("spatial; DROP", "names of DuckDB's extensions", id="SQL"),
        pytest.param("http://evil.example/x", "names of DuckDB's extensions", id="a URL"),
        pytest.param("", "names of DuckDB's extensions", id="nothing"),
        pytest.param("nonsense", "DuckDB has no extension", id="an unknown one"),
        pytest.param("httpfs", "opens connections", id="one that reaches out"),
    ],
)
def test_names_that_are_none_are_refused_before_anything_is_downloaded(tmp_path, name, says):
    with pytest.raises(SetupError, match=says):
        install(settings_in(tmp_path / "home"), name, repository=str(tmp_path / "nowhere"))


def test_one_that_reaches_out_can_not_be_enabled(tmp_path):
    with pytest.raises(SetupError, match="opens connections"):
        extension_files(settings_in(tmp_path / "home", sql_extensions=("postgres_scanner",)))


def test_without_any_enabled_nothing_is_looked_at(tmp_path):
    settings = settings_in(tmp_path / "home")
    assert extension_files(settings) == ()
    assert not settings.home.path.exists()


def test_what_is_built_in_is_not_downloaded(tmp_path):
    assert install(settings_in(tmp_path / "home"), "json", repository=str(tmp_path / "nowhere")).is_built_in
