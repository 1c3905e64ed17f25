"""Lines of values in TOML and YAML."""

import pytest

from analytics_pipelines.product_export.line_numbers import Where, line_in_toml, line_in_yaml, twice_in_yaml

TOML = """\
[defaults]
mode = "full"  # not key = 1

[[tables]]
table = "a.b"
masking = { mode = "hmac", name = { policy = "drop" } }

[[tables]]  # the second
table = "a.c"
types."a b" = "text"
[tables.masking]
# mode = "x"
mode = "hmac"

[defaults.more]
key = 1
"""
YAML = """\
# first
tables:
  - table: a.b
    masking: {mode: hmac}
  - table: a.c
    masking:
      mode: hmac
"""


@pytest.mark.parametrize(
    ("where", "line"),
    [
        (("defaults", "mode"), 2),
        (("tables", 0, "table"), 5),
        (("tables", 0, "masking", "mode"), 6),
        (("tables", 0, "masking", "name", "policy"), 6),
        (("tables", 1), 8),
        (("tables", 1, "types", "a b"), 10),
        (("tables", 1, "masking"), 11),
        (("tables", 1, "masking", "mode"), 13),
        (("tables", 1, "masking", "mode", "policy"), 13),
        pytest.param(("tables", 1, "drift"), 8, id="a missing key is the fault of its table"),
        pytest.param(("tables", 7, "drift"), None, id="there is no such table"),
    ],
)
def test_a_value_of_toml_is_found_in_its_own_table(where: Where, line: int | None) -> None:
    assert line_in_toml(TOML, where) == line


@pytest.mark.parametrize(
    ("where", "line"),
    [
        (("tables",), 2),
        (("tables", 0), 3),
        (("tables", 0, "masking", "mode"), 4),
        (("tables", 1, "masking", "mode"), 7),
        (("tables", 1, "masking", "mode", "policy"), 7),
        (("tables", 1, "drift"), 5),
        (("defaults",), None),
    ],
)
def test_a_value_of_yaml_is_found(where: Where, line: int | None) -> None:
    assert line_in_yaml(YAML, where) == line


def test_a_key_that_stands_twice_in_yaml_is_found() -> None:
    assert twice_in_yaml(YAML) is None
    assert twice_in_yaml(YAML + "      mode: keep\n") == ("mode", 8)


def test_nothing_is_found_in_empty_files() -> None:
    assert line_in_toml("", ("tables", 0)) is None
    assert line_in_yaml("", ("tables", 0)) is None
    assert twice_in_yaml("") is None
