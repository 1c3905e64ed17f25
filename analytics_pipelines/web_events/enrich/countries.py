"""The country of a network, from a file in MaxMind's format that the installation brings along."""

import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import maxminddb

from analytics_pipelines.foundation.errors import SetupError

MOST_REMEMBERED = 100_000


class UnreadableCountries(SetupError):
    """`GEOIP_DATABASE_PATH` names no file in MaxMind's format."""


def country_of(file: Path, network: str) -> str | None:
    """The ISO 3166-1 code of an address or network; None where the file knows none. Raises `UnreadableCountries`.

    Where the file gives no country of its own, that in which the network is registered.
    """
    try:
        found = _reader(file, file.stat().st_mtime_ns)
    except (OSError, maxminddb.InvalidDatabaseError):
        told = "The country file can not be read."
        raise UnreadableCountries(told, remedy="GEOIP_DATABASE_PATH names a file in MaxMind's format.") from None
    return _country(found, network)


@lru_cache(1)
def _reader(file: Path, _changed_ns: int) -> maxminddb.Reader:
    return maxminddb.open_database(os.fspath(file), maxminddb.MODE_MEMORY)


@lru_cache(MOST_REMEMBERED)
def _country(reader: maxminddb.Reader, network: str) -> str | None:
    record: object = None
    with suppress(ValueError):
        record = reader.get(network.partition("/")[0])
    if not isinstance(record, dict):
        return None
    for name in ("country", "registered_country"):
        match record.get(name):
            case {"iso_code": str(code)}:
                return code
    return None
