"""One file out of a form: whole, private and counted, or a named error and nothing on the disk."""

import socket
import time
import tracemalloc
from pathlib import Path

import httpx
import psutil
import pytest
import structlog
from fastapi import APIRouter, Request
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.http_kit import multipart
from analytics_pipelines.http_kit.multipart import MOST_FIELD_BYTES, OVERHEAD_BYTES, receive_file, shown_name
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import open_to_all
from analytics_pipelines_tests.apps import serving, small_app
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.waiting import wait_until

MOST = 1000
BOUNDARY = "limit"
END = f"--{BOUNDARY}--\r\n".encode()

router = APIRouter(dependencies=[open_to_all])


@router.post("/upload", responses=documented(multipart.UploadTooLarge))
async def upload(request: Request) -> dict:
    most_bytes = int(request.query_params.get("most", MOST))
    folder = request.app.state.folder
    received = await receive_file(request, folder=folder, most_bytes=most_bytes, fields=("keep", "note"))
    content = received.path.read_bytes() if received.size_bytes <= MOST else b""
    told = {
        "filename": received.filename,
        "content_type": received.content_type,
        "size_bytes": received.size_bytes,
        "fields": dict(received.fields),
        "content": content.decode("latin-1"),
        "mode": oct(received.path.stat().st_mode & 0o777),
        "name": received.path.name,
    }
    received.remove()
    received.remove()
    return told


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("multipart") / "uploads"


@pytest.fixture(scope="module")
def client(folder):
    app = small_app(settings_in(folder.parent), router)
    app.state.folder = folder
    with serving(app) as url, httpx.Client(base_url=url, timeout=30) as found:
        yield found


def part(name="file", filename="a.csv", content=b"a,b\n1,2\n", headers="", disposition=None):
    quoted = f'; filename="{filename}"' if filename is not None else ""
    told = disposition or f'form-data; name="{name}"{quoted}'
    return f"--{BOUNDARY}\r\nContent-Disposition: {told}\r\n{headers}\r\n".encode() + content + b"\r\n"


def body(*parts, end=END):
    return b"".join(parts) + end


def send(client, content, kind=f"multipart/form-data; boundary={BOUNDARY}", most=MOST):
    return client.post(f"/upload?most={most}", content=content, headers={"Content-Type": kind})


def left(folder):
    return list(folder.iterdir()) if folder.exists() else []


def test_a_file_comes_whole_and_private(client, folder):
    files = {"file": ("../../etc/täglich.csv", b"a,b\r\n--1,2", "text/csv")}
    answer = client.post("/upload", files=files, data={"keep": "true", "other": "x" * 5000})
    told = answer.json()
    assert (answer.status_code, told["content"], told["size_bytes"]) == (200, "a,b\r\n--1,2", 10)
    assert (told["filename"], told["content_type"], told["fields"]) == ("täglich.csv", "text/csv", {"keep": "true"})
    assert told["mode"] == "0o600"
    assert told["name"].endswith(".upload")
    assert left(folder) == []


@settings(max_examples=30, deadline=None)
@given(
    st.binary(min_size=1, max_size=300).map(lambda some: some.replace(b"x", b"\r\n--" + BOUNDARY.encode()[:3])),
    st.integers(1, 50),
)
def test_bytes_come_as_they_are_however_they_are_cut(content, size):
    with pytest.MonkeyPatch.context() as patch:
        written = []
        patch.setattr(multipart._Form, "_open_file", lambda self, name: setattr(self, "_filename", name))
        patch.setattr(multipart._Form, "_write_file", lambda _, some: written.append(some))
        form = multipart._Form("file", (), Path(), 10**6)
        parser = multipart.MultipartParser(BOUNDARY.encode(), form.callbacks())
        sent = body(part(content=content))
        for at in range(0, len(sent), size):
            parser.write(sent[at : at + size])
    assert b"".join(written) == content
    assert form._is_whole


HOSTILE = [
    pytest.param(b"{}", "application/json", "NotMultipart", id="another type"),
    pytest.param(b"", "", "NotMultipart", id="no type"),
    pytest.param(b"", "multipart/form-data", "NotMultipart", id="no boundary"),
    pytest.param(b"", "multipart/form-data; boundary=" + "x" * 300, "NotMultipart", id="a long boundary"),
    pytest.param(b"", None, "NotMultipart", id="an empty body"),
    pytest.param(b"junk", None, "NotMultipart", id="no form"),
    pytest.param(body(), None, "FileMissing", id="a form without parts"),
    pytest.param(body(part(name="upload")), None, "TooManyParts", id="another field"),
    pytest.param(body(part(filename=None)), None, "FileMissing", id="a field instead of a file"),
    pytest.param(body(part(content=b"")), None, "EmptyUpload", id="an empty file"),
    pytest.param(body(part(filename="", content=b"")), None, "EmptyUpload", id="a form that was sent unfilled"),
    pytest.param(body(part(), part()), None, "TooManyParts", id="two files"),
    pytest.param(body(part(), *[part(str(n), None) for n in range(16)]), None, "TooManyParts", id="many fields"),
    pytest.param(body(part(), part("keep", None), part("keep", None)), None, "TooManyParts", id="a field twice"),
    pytest.param(
        body(part(), part("note", None, b"x" * (MOST_FIELD_BYTES + 1))), None, "FieldTooLong", id="a long field"
    ),
    pytest.param(body(part(), end=b""), None, "NotMultipart", id="an end that is missing"),
    pytest.param(body(part(), end=b"--limit"), None, "NotMultipart", id="half an end"),
    pytest.param(part()[:40], None, "NotMultipart", id="half a part"),
    pytest.param(body(part(disposition="form-data")), None, "NotMultipart", id="a part of no field"),
    pytest.param(body(part(disposition='attachment; name="file"')), None, "NotMultipart", id="an attachment"),
    pytest.param(body(part(headers="X: " + "y" * 5000 + "\r\n")), None, "NotMultipart", id="a long header"),
    pytest.param(body(part(headers="X: y\r\n" * 20)), None, "NotMultipart", id="many headers"),
    pytest.param(body(part(headers="X y\r\n")), None, "NotMultipart", id="a header that is none"),
    pytest.param(
        body(part(headers="Content-Transfer-Encoding: base64\r\n")), None, "NotMultipart", id="encoded for mail"
    ),
    pytest.param(body(part(content=b"x" * (MOST + 1))), None, "UploadTooLarge", id="a byte too many"),
    pytest.param(body(part("o", None, b"x" * (MOST + OVERHEAD_BYTES))), None, "UploadTooLarge", id="a field instead"),
]


@pytest.mark.parametrize(("content", "kind", "code"), HOSTILE)
def test_what_is_no_upload_has_a_name_and_leaves_nothing(client, folder, content, kind, code):
    chosen = f"multipart/form-data; boundary={BOUNDARY}" if kind is None else kind
    for sent in (content, iter([content[:30], content[30:]])):
        answer = send(client, sent, chosen)
        assert answer.json()["code"] == code
        assert answer.status_code == (413 if code == "UploadTooLarge" else 422)
        assert left(folder) == []


def test_the_limit_itself_is_not_too_large(client):
    assert send(client, body(part(content=b"x" * MOST))).json()["size_bytes"] == MOST


def test_a_client_that_says_how_much_is_coming_is_not_read(client, folder):
    with socket.create_connection((client.base_url.host, client.base_url.port)) as connection:
        kind = f"Content-Type: multipart/form-data; boundary={BOUNDARY}"
        connection.sendall(f"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n{kind}\r\n\r\n".encode())
        assert b"413" in connection.recv(100)
    assert left(folder) == []


@pytest.mark.parametrize("is_reset", [True, False])
def test_a_client_that_goes_away_leaves_nothing(client, folder, is_reset):
    connection = socket.create_connection((client.base_url.host, client.base_url.port))
    kind = f"Content-Type: multipart/form-data; boundary={BOUNDARY}"
    head = f"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n{kind}\r\n\r\n".encode()
    with structlog.testing.capture_logs() as logs:
        connection.sendall(head + part())
        wait_until(lambda: left(folder) != [])
        if is_reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        connection.close()
        wait_until(lambda: left(folder) == [])
    assert [line for line in logs if line["log_level"] == "error"] == []


def test_a_client_that_falls_silent_is_let_go(client, folder, monkeypatch):
    monkeypatch.setattr(multipart, "STALL_S", 0.2)

    def slowly():
        yield part()
        time.sleep(0.5)
        yield END

    answer = send(client, slowly())
    assert (answer.status_code, answer.json()["code"]) == (422, "UploadCutOff")
    assert left(folder) == []


def test_a_full_disk_is_named_and_leaves_nothing(client, folder, monkeypatch):
    def no_room(descriptor, content):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(multipart.os, "write", no_room)
        answer = send(client, body(part()))
    assert (answer.status_code, answer.json()["code"]) == (503, "DiskFull")
    assert left(folder) == []


def test_no_descriptor_stays_open(client, folder):
    send(client, body(part()))
    before = psutil.Process().num_fds()
    for content in (body(part()), body(part(content=b"x" * (MOST + 1))), part()) * 5:
        send(client, content)
    assert psutil.Process().num_fds() <= before


def test_a_large_file_is_never_held(client, folder):
    def chunks():
        yield part(content=b"")[:-2]
        for _ in range(80):
            yield b"x" * 2**18
        yield f"\r\n--{BOUNDARY}--\r\n".encode()

    tracemalloc.start()
    assert send(client, chunks(), most=2**25).json()["size_bytes"] == 20 * 2**20
    assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        pytest.param("a.csv", "a.csv", id="plain"),
        pytest.param("../../etc/passwd", "passwd", id="a path"),
        pytest.param("C:\\data\\a.csv", "a.csv", id="a path of Windows"),
        pytest.param("a\r\nSet-Cookie: x=1", "aSet-Cookie: x=1", id="a header"),
        pytest.param("a\x00b\x1b[31m.csv", "ab[31m.csv", id="control characters"),
        pytest.param("a\u202egnp.csv", "agnp.csv", id="a text turned round"),
        pytest.param("a\ud800.csv", "a.csv", id="half a character"),
        pytest.param("", "unnamed", id="nothing"),
        pytest.param("..", "unnamed", id="dots"),
        pytest.param("a/", "unnamed", id="a folder"),
        pytest.param("  ", "unnamed", id="blanks"),
        pytest.param("ü" * 300, "ü" * 127, id="too long"),
        pytest.param("u\u0308.csv", "ü.csv", id="composed"),
    ],
)
def test_a_name_is_its_last_segment_and_can_be_shown(given, shown):
    assert shown_name(given) == shown


@settings(max_examples=50)
@given(st.text(st.characters(), max_size=400))
def test_any_name_can_be_shown(given):
    name = shown_name(given)
    assert 0 < len(name.encode()) <= 255
    assert not set(name) & set("/\\\x00\r\n")
    assert name not in {".", ".."}
    assert shown_name(name) == name


def test_names_of_older_clients_are_read(client):
    raw = body(part()).replace(b'"a.csv"', 'filename="größe.csv"'.encode("latin-1").removeprefix(b"filename="))
    assert send(client, raw).json()["filename"] == "größe.csv"
