"""Extensions of DuckDB that queries may use: the operator installs them, `SQL_EXTENSIONS` enables them.

They are DuckDB's own, signed, of exactly this version: downloaded by DuckDB's INSTALL in the operator's shell, never
by a worker, or taken from a wheel `duckdb-extension-NAME` that is installed beside the program.

    install(settings, "spatial")
    extension_files(settings)  # ("/…/sql/extensions/v1.5.5/linux_amd64/spatial.duckdb_extension",)
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.duck import BASE_CONFIG, extension_file
from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import Sql, literal, name
from analytics_pipelines.sql_service.places import Places

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
PRIVATE = 0o700
ENDING = ".duckdb_extension"
OWN_REPOSITORY = "http://extensions.duckdb.org"
"""DuckDB's own; what comes from it counts only with DuckDB's signature."""
REACHES_OUT = frozenset(
    {"aws", "azure", "delta", "ducklake", "httpfs", "iceberg", "lance", "motherduck", "mysql_scanner", "odbc_scanner"}
    | {"postgres_scanner", "quack", "sqlite_scanner", "ui", "unity_catalog"}
)
"""They open connections or other people's databases, which queries never may."""
KNOWN = Sql(
    "SELECT extension_name, description, extension_version, install_mode = 'STATICALLY_LINKED', "
    "CASE WHEN installed THEN install_path ELSE '' END FROM duckdb_extensions() ORDER BY extension_name"
)
INSTALL = Sql("INSTALL {extension} FROM {repository}")
LOAD = Sql("LOAD {file}")
NO_NETWORK = "The machine needs the network for it; without, install the wheel duckdb-extension-{} of the same version."


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """One extension that this DuckDB knows."""

    name: str
    description: str
    version: str
    """Empty where it is not installed, or its file does not say before it is loaded."""
    is_built_in: bool
    is_installed: bool
    is_enabled: bool
    """Whether queries can use it now."""
    reaches_out: bool
    """Whether it may never be enabled, because it opens connections."""
    file: str = ""
    """Where it is installed; empty where it is built in or absent."""


def extensions(settings: Settings) -> list[Extension]:
    """All that DuckDB knows, by name; raises `SetupError` where a setting names one that can not be."""
    enabled = set(_enabled(settings))
    with _connected(settings) as connection:
        found = _known(connection)
    return [
        replace(each, is_enabled=each.is_built_in or (each.is_installed and each.name in enabled))
        for each in found.values()
    ]


def extension_files(settings: Settings) -> tuple[str, ...]:
    """The files that workers load, in the order of `SQL_EXTENSIONS`.

    Raises `SetupError` when one of them is not installed, or may never be enabled.
    """
    enabled = _enabled(settings)
    if not enabled:
        return ()
    with _connected(settings) as connection:
        found = _known(connection)
    return tuple(_file(found, each) for each in enabled if each not in found or not found[each].is_built_in)


def install(settings: Settings, extension: str, *, repository: str = OWN_REPOSITORY) -> Extension:
    """Download an extension into the home, load it once to prove its signature, and tell what is there now.

    Raises `SetupError` of names that DuckDB does not know or that may not be enabled, and without a network.
    """
    _check_name(extension)
    with _connected(settings) as connection:
        known = _known(connection).get(extension)
        if known is None:
            raise SetupError(
                "DuckDB has no extension " + extension + ".", remedy="`analytics extension list` names those it has."
            )
        if not known.is_built_in:
            _download(connection, extension, repository)
        installed = _known(connection)[extension]
    return replace(installed, is_enabled=installed.is_built_in or extension in settings.sql_extensions)


def _download(connection: DuckDBPyConnection, extension: str, repository: str) -> None:
    source = Sql("core") if repository == OWN_REPOSITORY else literal(repository)
    try:
        connection.execute(INSTALL.fill(extension=name(extension), repository=source).text)
    except duckdb.Error as error:
        told = str(error).partition("\n")[0][:300]
        raise SetupError(
            extension + " could not be installed: " + told, remedy=NO_NETWORK.format(extension.replace("_", "-"))
        ) from None
    file = Path(_known(connection)[extension].file)
    try:
        connection.execute(LOAD.fill(file=literal(str(file))).text)
    except duckdb.Error as error:
        for each in (file, file.with_name(file.name + ".info")):
            each.unlink(missing_ok=True)
        told = str(error).partition("\n")[0][:300]
        raise SetupError(extension + " is not what DuckDB signed, and was removed: " + told) from None


def _enabled(settings: Settings) -> tuple[str, ...]:
    for each in settings.sql_extensions:
        _check_name(each)
    return tuple(dict.fromkeys(settings.sql_extensions))


def _check_name(extension: str) -> None:
    if not NAME.fullmatch(extension):
        raise SetupError(
            "SQL_EXTENSIONS and `analytics extension install` take names of DuckDB's extensions, not "
            + repr(extension[:60])
            + "."
        )
    if extension in REACHES_OUT:
        raise SetupError(
            extension + " opens connections or other databases, which queries may not.",
            remedy="Leave it out of SQL_EXTENSIONS; data gets in by imports and exports of tables.",
        )


def _file(found: Mapping[str, Extension], extension: str) -> str:
    if extension in found and found[extension].file:
        return found[extension].file
    raise SetupError(
        "The extension " + extension + " of SQL_EXTENSIONS is not installed for DuckDB " + duckdb.__version__ + ".",
        remedy="Run `analytics extension install " + extension + "`, or leave it out.",
    )


def _known(connection: DuckDBPyConnection) -> dict[str, Extension]:
    rows = connection.execute(KNOWN.text).fetchall()
    return {row[0]: _extension(*row) for row in rows}


def _extension(extension: str, description: str, version: str, is_built_in: bool, path: str) -> Extension:
    file = "" if is_built_in else path
    if not file and not is_built_in:
        with suppress(SetupError):
            file, version = str(extension_file(extension)), "v" + duckdb.__version__
    return Extension(
        name=extension,
        description=description,
        version=version,
        is_built_in=is_built_in,
        is_installed=is_built_in or bool(file),
        is_enabled=is_built_in,
        reaches_out=extension in REACHES_OUT,
        file=file,
    )


@contextmanager
def _connected(settings: Settings) -> Iterator[DuckDBPyConnection]:
    """A connection of our own that looks for extensions in the home."""
    folder = Places.of(settings.home).extensions
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    folder.chmod(PRIVATE)
    connection = duckdb.connect(":memory:", config=BASE_CONFIG | {"extension_directory": str(folder), "threads": 1})
    try:
        yield connection
    finally:
        connection.close()
