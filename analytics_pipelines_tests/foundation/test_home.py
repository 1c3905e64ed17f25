from pathlib import Path

from analytics_pipelines.foundation.home import Home


def test_everything_lies_below_the_home_each_in_a_folder_of_its_own():
    home = Home(Path("/somewhere/with spaces"))
    folders = [getattr(home, name) for name, kind in vars(Home).items() if isinstance(kind, property)]
    assert len(set(folders)) == len(folders) > 5
    assert all(folder.is_relative_to(home.path) for folder in folders)


def test_what_is_not_published_is_outside_what_is():
    home = Home(Path("/somewhere"))
    for public in (home.lake, home.generations):
        assert not home.staging.is_relative_to(public)
        assert not home.locks.is_relative_to(public)
