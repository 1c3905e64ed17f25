import pickle

import pytest

from analytics_pipelines.foundation import errors
from analytics_pipelines.foundation.errors import AnalyticsError, DiskFull, LimitExceeded

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AnalyticsError)]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        pytest.param(LimitExceeded("Too many days."), "Too many days.", id="detail"),
        pytest.param(LimitExceeded("Too many days.", limit="92 days"), "Too many days. Limit: 92 days.", id="limit"),
        pytest.param(
            LimitExceeded("Too many days.", limit="92 days", remedy="Ask for fewer."),
            "Too many days. Limit: 92 days. Ask for fewer.",
            id="remedy",
        ),
    ],
)
def test_an_error_reads_as_one_line(error, text):
    assert str(error) == text


def test_the_code_is_the_name_of_the_class():
    assert DiskFull("full").code == "DiskFull"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_has_a_title_and_survives_pickling(kind):
    error = pickle.loads(  # noqa: S301 - our own bytes
        pickle.dumps(kind("What happened.", limit="1", remedy="Do this."))
    )
    assert type(error) is kind
    assert (error.detail, error.limit, error.remedy) == ("What happened.", "1", "Do this.")
    assert kind.title
