"""The file's shape; what is said about wrong ones stands in `test_configuration`."""

import re
from pathlib import Path

import pytest

from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.product_export.export_file import BadExportFile, TableEntry, read_export_file
from analytics_pipelines.product_export.wishes import Drift, Mode
from analytics_pipelines_tests.house_rules.repository import ROOT


def test_defaults_fill_only_what_a_table_does_not_say(tmp_path: Path) -> None:
    file = tmp_path / "export.toml"
    file.write_text('[defaults]\nmode = "full"\ndrift = "fail"\n[[tables]]\ntable = "a"\nmode = "append"\n')
    (entry,) = read_export_file(file).entries
    assert (entry.mode, entry.drift, entry.schema_) == (Mode.APPEND, Drift.FAIL, "public")
    assert entry.own_keys == {"table", "mode"}
    assert not entry.has_schema


def test_an_empty_file_has_no_tables(tmp_path: Path) -> None:
    for name in ("export.toml", "export.yaml"):
        (tmp_path / name).write_text("# nothing yet\n")
        assert read_export_file(tmp_path / name).entries == ()


def test_a_mark_of_byte_order_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "export.toml"
    file.write_text('[[tables]]\ntable = "a"\n', encoding="utf-8-sig")
    assert len(read_export_file(file).entries) == 1


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "export.toml"
    file.write_text('[[tables]]\ntable = "Größe"\n', encoding="latin-1")
    with pytest.raises(BadExportFile, match="not UTF-8"):
        read_export_file(file)


def test_the_example_of_the_docs_can_be_used_as_it_stands() -> None:
    entries = read_export_file(ROOT / "docs" / "examples" / "export.toml").entries
    named = {key for entry in entries for key in entry.own_keys}
    assert [entry.mode.value for entry in entries] == ["incremental", "append", "full", "full"]
    assert named | {"schema_", "drift", "late_days"} == set(TableEntry.model_fields)


def test_the_docs_name_settings_that_there_are() -> None:
    page = (ROOT / "docs" / "product-export.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:EXPORT|SOURCE|PARQUET)_[A-Z_]+)`", page))
    assert {"EXPORT_TABLES_FILE", "EXPORT_HMAC_KEY"} < named
    assert {name.lower() for name in named} <= set(Settings.model_fields)
    told = re.findall(r"^\| `(EXPORT_[A-Z_]+)` \| (\d+) \|", page, re.MULTILINE)
    assert len(told) == 5
    assert all(int(default) == Settings.model_fields[name.lower()].default for name, default in told)


def test_the_docs_name_every_key_and_its_default(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "product-export.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|([^|]*)\|", page.split("| key of a table |")[1].split("\n\n")[0], re.MULTILINE)
    fields = {field.alias or name: field for name, field in TableEntry.model_fields.items()}
    assert {key for key, _ in rows} == set(fields)
    for key, told in rows:
        default = fields[key].default
        if key != "schema" and isinstance(default, str | int):
            assert told.strip(" `") == str(default).lower()
    (tmp_path / "export.toml").write_text(re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[0])
    assert len(read_export_file(tmp_path / "export.toml").entries) == 2
