from pathlib import Path

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from analytics_pipelines.web_events.enrich.countries import UnreadableCountries, country_of


@pytest.fixture
def countries(tmp_path: Path) -> Path:
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="test")
    writer.insert_network(IPSet(["192.0.2.0/24"]), {"country": {"iso_code": "DE", "names": {"en": "Germany"}}})
    writer.insert_network(IPSet(["2001:db8::/48"]), {"country": {"iso_code": "NO"}})
    writer.insert_network(IPSet(["198.51.100.0/24"]), {"registered_country": {"iso_code": "FR"}})
    writer.insert_network(IPSet(["203.0.113.0/24"]), {"continent": {"code": "EU"}, "country": "odd"})
    file = tmp_path / "countries.mmdb"
    writer.to_db_file(str(file))
    return file


@pytest.mark.parametrize(
    ("network", "country"),
    [
        pytest.param("192.0.2.0/24", "DE", id="a network"),
        pytest.param("192.0.2.7", "DE", id="an address"),
        pytest.param("2001:db8::/48", "NO", id="IPv6"),
        pytest.param("198.51.100.0/24", "FR", id="where it is registered"),
        pytest.param("203.0.113.0/24", None, id="a record without a country"),
        pytest.param("10.0.0.0/24", None, id="not in the file"),
        pytest.param("nonsense", None, id="no address"),
    ],
)
def test_a_network_is_in_the_country_that_the_file_says(countries: Path, network: str, country: str | None) -> None:
    assert country_of(countries, network) == country


def test_a_file_that_is_replaced_is_read_anew(countries: Path) -> None:
    assert country_of(countries, "192.0.2.0/24") == "DE"
    writer = MMDBWriter(database_type="test")
    writer.insert_network(IPSet(["192.0.2.0/24"]), {"country": {"iso_code": "AT"}})
    replaced = countries.with_suffix(".new")
    writer.to_db_file(str(replaced))
    replaced.replace(countries)
    assert country_of(countries, "192.0.2.0/24") == "AT"


@pytest.mark.parametrize("content", [pytest.param(None, id="no file"), pytest.param(b"x", id="another file")])
def test_a_file_that_can_not_be_read_is_named_by_its_setting(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "countries.mmdb"
    if content:
        file.write_bytes(content)
    with pytest.raises(UnreadableCountries, match="GEOIP_DATABASE_PATH"):
        country_of(file, "192.0.2.0/24")
