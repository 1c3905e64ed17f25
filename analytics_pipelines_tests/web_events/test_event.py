"""A rejection names its reason, for people and for programs."""

from analytics_pipelines.foundation.errors import BadInput
from analytics_pipelines.web_events.event import Reason, Rejected


def test_a_rejection_is_bad_input_that_carries_its_reason() -> None:
    rejected = Rejected(Reason.TOO_LONG, "siteId is too long.", limit="100 characters", site_id="s")
    assert isinstance(rejected, BadInput)
    assert (rejected.reason, rejected.site_id) == ("too_long", "s")
    assert str(rejected) == "siteId is too long. Limit: 100 characters."
