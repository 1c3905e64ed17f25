from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.foundation.lake.manifest import FILE_NAME, Manifest, read_manifest
from analytics_pipelines.foundation.select import Version

VERSIONS = st.builds(Version, table=st.text(), day=st.dates(), sha256=st.text())
MANIFESTS = st.builds(
    Manifest,
    table=st.text(),
    day=st.dates(),
    rows=st.integers(0),
    size_bytes=st.integers(0),
    sha256=st.text(),
    schema=st.lists(st.tuples(st.text(), st.text())).map(tuple),
    table_version=st.text(),
    engine=st.text(),
    inputs=st.lists(VERSIONS).map(tuple),
)


@given(manifest=MANIFESTS)
def test_any_manifest_reads_as_it_was_written(manifest, tmp_path_factory):
    folder = tmp_path_factory.mktemp("partition")
    (folder / FILE_NAME).write_bytes(manifest.to_json())
    assert read_manifest(folder) == manifest


def test_no_manifest_means_that_nothing_was_published(tmp_path):
    assert read_manifest(tmp_path) is None


def test_the_version_names_the_bytes():
    manifest = Manifest(
        table="t", day=date(2024, 1, 1), rows=0, size_bytes=0, sha256="ab", schema=(), table_version="1", engine="e"
    )
    assert manifest.version == Version("t", date(2024, 1, 1), "ab")
