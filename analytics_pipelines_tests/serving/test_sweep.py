"""The sweep removes what is neither recent nor in use."""

from analytics_pipelines.foundation.generation.lease import Lease
from analytics_pipelines.serving.sweep import KEPT, sweep
from analytics_pipelines_tests.generations import folders_of, publish_edition


def test_a_generation_in_use_outlives_the_sweep_until_it_is_closed(settings, lake):
    oldest = publish_edition(settings, lake, 0)
    lease = Lease.open(oldest.folder, settings)
    builds = [publish_edition(settings, lake, edition) for edition in range(1, KEPT + 1)]
    assert builds[-1].swept == ()
    assert oldest.folder.is_dir()
    lease.close()
    assert list(sweep(folders_of(settings))) == [oldest.generation.id]
    assert not oldest.folder.exists()
    assert list(settings.home.staging.iterdir()) == []


def test_the_one_in_force_is_kept_whatever_the_clock_said(settings, lake):
    builds = [publish_edition(settings, lake, edition) for edition in range(KEPT)]
    folders = folders_of(settings)
    folders.point_to(builds[0].generation.id)
    for built in builds[1:]:
        built.folder.touch()
    (folders.root / "made-by-hand").mkdir()
    (folders.root / "made-by-hand").touch()
    assert list(sweep(folders)) == []
    assert folders.current_id() in folders.ids()
