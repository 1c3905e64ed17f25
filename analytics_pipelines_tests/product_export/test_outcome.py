"""What a refused run says."""

from datetime import date

from analytics_pipelines.foundation.lake import Verdict
from analytics_pipelines.product_export.outcome import ExportRefused, Offence

DAY = date(2026, 3, 10)


def test_a_refusal_names_table_day_rule_and_what_broke_it_and_nothing_that_held():
    verdicts = (Verdict("no_nulls"), Verdict("rows_match_source", ("price: sum 10 here, 11 there",)))
    told = str(ExportRefused((Offence("raw_app__orders", DAY, verdicts), Offence("raw_app__users", DAY, verdicts))))
    assert told.count("rows_match_source (price: sum 10 here, 11 there)") == 2
    assert "raw_app__orders of 2026-03-10" in told
    assert "raw_app__users of 2026-03-10" in told
    assert "no_nulls" not in told
    assert "The lake is as it was" in told
