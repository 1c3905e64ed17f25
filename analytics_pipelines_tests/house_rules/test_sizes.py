"""Small enough to be read: counted over the package, docstrings and signatures included."""

from statistics import median

import pytest

from analytics_pipelines_tests.house_rules.repository import PACKAGE, TESTS, files_of, functions_of, lines_of, short

LONGEST_FUNCTION, USUAL_FUNCTION, MEDIAN_FUNCTION = 50, 30, 10
LONGEST_FILE, MEDIAN_FILE, LONGEST_SQL = 400, 120, 80


def function_sizes() -> dict[str, int]:
    return {
        f"{short(file)}:{function.lineno} {function.name}": (function.end_lineno or 0) - function.lineno + 1
        for file in files_of(PACKAGE, ".py")
        for function in functions_of(file)
    }


def test_no_function_is_over_fifty_lines():
    assert {name: size for name, size in function_sizes().items() if size > LONGEST_FUNCTION} == {}


def test_nine_functions_in_ten_have_at_most_thirty_lines_and_the_median_ten():
    sizes = list(function_sizes().values())
    assert sum(size <= USUAL_FUNCTION for size in sizes) >= 0.9 * len(sizes)
    assert median(sizes) <= MEDIAN_FUNCTION


def test_the_median_file_has_at_most_120_lines():
    assert median(lines_of(file) for file in files_of(PACKAGE, ".py")) <= MEDIAN_FILE


@pytest.mark.parametrize("folder", [PACKAGE, TESTS], ids=short)
def test_no_file_is_over_400_lines(folder):
    assert {short(file): lines_of(file) for file in files_of(folder, ".py") if lines_of(file) > LONGEST_FILE} == {}


def test_no_sql_file_is_over_80_lines():
    assert {short(file): lines_of(file) for file in files_of(PACKAGE, ".sql") if lines_of(file) > LONGEST_SQL} == {}
