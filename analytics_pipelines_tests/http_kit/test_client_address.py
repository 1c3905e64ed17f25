"""Headers of trusted proxies say who sent a request; those of anybody else change nothing."""

from ipaddress import ip_address

import pytest
from fastapi import FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.http_kit.access_log import AccessLog
from analytics_pipelines.http_kit.client_address import (
    ClientAddresses,
    client_address,
    forwarded_for,
    networks,
    parsed,
)
from analytics_pipelines.http_kit.requests import AccessLines
from analytics_pipelines_tests.waiting import wait_until

TRUSTED = networks(["10.0.0.0/8", "fd00::/8", "127.0.0.1"])
PROXY, STRANGER = "10.0.0.1", "203.0.113.5"
ADDRESSES = st.ip_addresses().map(str)
CLIENTS = ADDRESSES.filter(lambda text: parsed(text) is not None and not any(parsed(text) in net for net in TRUSTED))
HEADER_NAMES = st.sampled_from([b"x-forwarded-for", b"forwarded", b"x-real-ip", b"accept"])
HEADERS = st.lists(st.tuples(HEADER_NAMES, st.binary(max_size=60)), max_size=4)


def sent(**headers: str) -> list[tuple[bytes, bytes]]:
    return [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]


@pytest.mark.parametrize(
    ("peer", "headers", "address"),
    [
        pytest.param(PROXY, sent(), PROXY, id="a proxy that says nothing"),
        pytest.param(PROXY, sent(x_forwarded_for="192.0.2.7"), "192.0.2.7", id="one address"),
        pytest.param(
            PROXY, sent(x_forwarded_for="1.2.3.4, 192.0.2.7"), "192.0.2.7", id="the client's own is on the left"
        ),
        pytest.param(PROXY, sent(x_forwarded_for="192.0.2.7, 10.1.1.1, 10.2.2.2"), "192.0.2.7", id="a chain of ours"),
        pytest.param(PROXY, sent(x_forwarded_for="10.1.1.1, 10.2.2.2"), "10.1.1.1", id="all are ours"),
        pytest.param(PROXY, sent(x_forwarded_for="192.0.2.7:4711"), "192.0.2.7", id="with a port"),
        pytest.param(PROXY, sent(x_forwarded_for="[2001:db8::7]:4711"), "2001:db8::7", id="IPv6 with a port"),
        pytest.param(PROXY, sent(x_forwarded_for="[2001:db8::7]"), "2001:db8::7", id="IPv6 in brackets"),
        pytest.param(PROXY, sent(x_forwarded_for="2001:DB8:0::7"), "2001:db8::7", id="IPv6 without brackets"),
        pytest.param(PROXY, sent(x_forwarded_for="::ffff:192.0.2.7"), "192.0.2.7", id="IPv4 inside IPv6"),
        pytest.param("::ffff:10.0.0.1", sent(x_forwarded_for="192.0.2.7"), "192.0.2.7", id="a proxy inside IPv6"),
        pytest.param("fd00::1", sent(x_forwarded_for="192.0.2.7, fd00::2"), "192.0.2.7", id="a proxy of IPv6"),
        pytest.param(PROXY, sent(x_forwarded_for="192.0.2.7, unknown"), PROXY, id="a hop that nobody knows"),
        pytest.param(PROXY, sent(x_forwarded_for="192.0.2.7, nonsense, 10.9.9.9"), "10.9.9.9", id="nonsense ends it"),
        pytest.param(PROXY, sent(x_forwarded_for=""), PROXY, id="empty"),
        pytest.param(
            PROXY, [*sent(x_forwarded_for="1.2.3.4"), *sent(x_forwarded_for="192.0.2.7")], "192.0.2.7", id="two"
        ),
        pytest.param(PROXY, sent(forwarded="for=192.0.2.7;proto=https"), "192.0.2.7", id="Forwarded"),
        pytest.param(PROXY, sent(forwarded='For="[2001:db8::7]:4711"'), "2001:db8::7", id="Forwarded, quoted"),
        pytest.param(PROXY, sent(forwarded="for=1.2.3.4, proto=http;for=192.0.2.7"), "192.0.2.7", id="Forwarded, two"),
        pytest.param(PROXY, sent(forwarded="for=192.0.2.7, for=_hidden"), PROXY, id="Forwarded, hidden"),
        pytest.param(PROXY, sent(forwarded="for=192.0.2.7, by=10.0.0.1"), PROXY, id="Forwarded without for"),
        pytest.param(PROXY, sent(x_real_ip="192.0.2.7"), "192.0.2.7", id="X-Real-IP"),
        pytest.param(
            PROXY,
            sent(x_real_ip="1.1.1.1", forwarded="for=2.2.2.2", x_forwarded_for="192.0.2.7"),
            "192.0.2.7",
            id="X-Forwarded-For wins",
        ),
        pytest.param(PROXY, sent(x_real_ip="1.1.1.1", forwarded="for=192.0.2.7"), "192.0.2.7", id="then Forwarded"),
        pytest.param(STRANGER, sent(x_forwarded_for="192.0.2.7"), STRANGER, id="no proxy of ours"),
        pytest.param("unix", sent(x_forwarded_for="192.0.2.7"), "unix", id="a peer without an address"),
    ],
)
def test_the_sender_is_the_last_whom_a_trusted_proxy_names(peer, headers, address):
    assert client_address(peer, headers, TRUSTED) == address


@given(HEADERS)
def test_nothing_that_a_stranger_sends_changes_its_address(headers):
    assert client_address(STRANGER, headers, TRUSTED) == STRANGER


@given(HEADERS)
def test_whatever_comes_through_a_proxy_there_is_an_address(headers):
    assert ip_address(client_address(PROXY, headers, TRUSTED))


@given(st.text(st.characters(codec="latin-1")), CLIENTS)
def test_what_a_client_writes_before_the_proxys_own_entry_changes_nothing(spoofed, client):
    expected = str(parsed(client))
    shown = "[" + client + "]" if ":" in client else client
    assert client_address(PROXY, sent(x_forwarded_for=spoofed + ", " + client), TRUSTED) == expected
    own = [*sent(x_forwarded_for=spoofed), *sent(x_forwarded_for=shown + ":80")]
    assert client_address(PROXY, [*own, *sent(forwarded=spoofed, x_real_ip=spoofed)], TRUSTED) == expected


@given(st.text(st.characters(codec="latin-1")), CLIENTS)
def test_what_a_client_forwards_never_makes_it_another(spoofed, client):
    """A quote that does not end may swallow the proxy's entry; then the proxy itself is the sender."""
    shown = 'for="[' + client + ']:80"' if ":" in client else "for=" + client
    found = client_address(PROXY, sent(forwarded=spoofed + ", " + shown), TRUSTED)
    assert found in {str(parsed(client)), PROXY}


@given(st.lists(ADDRESSES, max_size=5))
def test_elements_are_read_as_they_are_written(addresses):
    quoted = ['for="[' + each + ']:1";by=secret' if ":" in each else "by=a;for=" + each for each in addresses]
    found = forwarded_for(", ".join(quoted))
    assert [parsed(each) for each in found] == [parsed(each) for each in addresses or [""]]


def test_routes_and_the_access_log_see_the_same_address(start, tmp_path):
    app = FastAPI()

    @app.get("/who")
    def read_who(request: Request) -> str | None:
        return request.client.host if request.client else None

    app.add_middleware(AccessLines, access_log=AccessLog(tmp_path / "access.log"))
    app.add_middleware(ClientAddresses, trusted=["127.0.0.0/8"])
    answer = start(app).get("/who", headers={"X-Forwarded-For": "1.2.3.4, 192.0.2.7"})
    assert answer.json() == "192.0.2.7"
    wait_until(lambda: (tmp_path / "access.log").read_text().startswith("192.0.2.7 - - ["))


def test_what_is_no_network_is_refused_at_the_start():
    with pytest.raises(ValueError, match="nonsense"):
        ClientAddresses(FastAPI(), trusted=["nonsense"])
