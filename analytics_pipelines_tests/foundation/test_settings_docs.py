from analytics_pipelines.foundation.settings import Settings, load
from analytics_pipelines.foundation.settings_docs import described, env_example, settings_page


def test_every_setting_is_described_in_a_sentence():
    found = described()
    assert [each.field for each in found] == list(Settings.model_fields)
    assert all(each.meaning.endswith(".") and each.default for each in found)


def test_a_unit_of_the_name_is_the_unit_of_the_description():
    suffixes = {"_s": "s", "_ms": "ms", "_bytes": "bytes", "_days": "days", "_percentage": "%"}
    for each in described():
        for suffix, unit in suffixes.items():
            assert not each.field.endswith(suffix) or each.unit == unit, each.name


def test_no_default_breaks_the_table():
    rows = [line for line in settings_page().splitlines() if line.startswith("| `")]
    assert len(rows) == len(described())
    assert {row.count("|") for row in rows} == {5}


def test_the_example_changes_nothing_and_uncommented_it_says_the_defaults(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(env_example())
    assert load() == Settings(_env_file=None)
    names = {each.name for each in described()}
    lines = [line.removeprefix("# ") for line in env_example().splitlines()]
    (tmp_path / ".env").write_text("\n".join(line for line in lines if line.split("=")[0] in names))
    assert load() == Settings(_env_file=None)
