from analytics_pipelines.datasets.uploads.limits import UploadLimits


def test_twenty_times_what_may_be_sent_is_unpacked() -> None:
    assert UploadLimits.of(10_485_760).unpacked_bytes == 209_715_200
