"""What one caller may have, by rights."""

from analytics_pipelines.sql_service.allowance import Rights, allowance_of
from analytics_pipelines_tests.conftest import settings_in


def test_admins_have_more_of_what_is_shared_and_the_same_rows(tmp_path):
    settings = settings_in(tmp_path, sql_user_queries=5, query_timeout=10, sql_max_timeout_s=100, sql_max_rows=7)
    analyst, admin = (allowance_of(rights, settings) for rights in Rights)
    assert (analyst.most_queries, admin.most_queries) == (5, 10)
    assert (analyst.weight, admin.weight) == (1, 2)
    assert (analyst.timeout_s, analyst.longest_timeout_s) == (10, 10)
    assert (admin.timeout_s, admin.longest_timeout_s) == (10, 100)
    assert analyst.most_rows == admin.most_rows == 7
