"""What committed files must not say."""

import re

import pytest

from analytics_pipelines_tests.house_rules.repository import ROOT, committed_files, files_of, short

TEXT_ENDS = (".py", ".md", ".sql", ".toml", ".yaml", ".yml", ".html", ".css", ".js", ".sh", ".txt", ".csv", ".example")
TEXTS = [
    file
    for file in committed_files()
    if file.name.endswith(TEXT_ENDS) or file.name in {"Makefile", "run", ".gitignore", "LICENSE"}
]
THIS = ROOT / "analytics_pipelines_tests" / "house_rules" / "test_text.py"
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users)/"),
    "a package index that is not the public one": re.compile(
        r"(?i)index-url|devpi|artifactory|https?://[\w.-]*(?:mirror|nexus|proxy)"
    ),
    "who worked on it and how": re.compile(
        r"(?i)\b(?:claude|anthropic|copilot|chatgpt|openai|subagent|shared/(?!data))\b"
    ),
    "unfinished work": re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b"),
    "a leftover of a merge": re.compile(r"^(?:<{7}|>{7}|={7})(?: |$)", re.MULTILINE),
    "a secret": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bghp_\w{20,}|\bAKIA[0-9A-Z]{16}\b"),
}


@pytest.mark.parametrize(("what", "pattern"), FORBIDDEN.items())
def test_no_file_says(what, pattern):
    said = {
        f"{short(file)}: {match.group()}"
        for file in TEXTS
        if file != THIS
        for match in pattern.finditer(file.read_text(encoding="utf-8"))
    }
    assert said == set(), what


def test_text_ends_with_one_newline_and_lines_without_spaces():
    untidy = set()
    for file in TEXTS:
        text = file.read_text(encoding="utf-8")
        if text and (not text.endswith("\n") or text.endswith("\n\n") or re.search(r"[ \t]\n", text)):
            untidy.add(short(file))
    assert {name for name in untidy if not name.endswith((".csv", "LICENSE"))} == set()


def test_every_exception_to_a_lint_says_why():
    bare = re.compile(
        r"#\s*(?:noqa|type:\s*ignore|pragma: no cover)(?:: ?[A-Z]+[0-9]+(?:, ?[A-Z]+[0-9]+)*|\[[\w, -]+\])?\s*$"
    )
    found = [
        f"{short(file)}:{number}"
        for file in files_of(ROOT, ".py")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if bare.search(line)
    ]
    assert found == []


def test_no_large_file_is_committed():
    large = {short(file): file.stat().st_size for file in committed_files() if file.stat().st_size > 1_000_000}
    assert {name for name in large if name != "uv.lock"} == set()


def test_the_lock_names_the_public_index_only():
    named = set(re.findall(r'(?:registry|url) = "(https?://[^/"]+)', (ROOT / "uv.lock").read_text(encoding="utf-8")))
    assert named <= {"https://pypi.org", "https://files.pythonhosted.org"}
