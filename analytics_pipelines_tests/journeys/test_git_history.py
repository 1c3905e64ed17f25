"""A git repository's commits as daily snapshots: what changed and moved is what git itself says, for any two days."""

import os
import random
import subprocess
from datetime import date, timedelta
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.storage_snapshots.ask.between import between
from analytics_pipelines.storage_snapshots.ask.chosen import chosen
from analytics_pipelines.storage_snapshots.ask.comparison import Asked, ChangeKind, compare
from analytics_pipelines.storage_snapshots.ask.duplicates import Duplicates, duplicate_groups
from analytics_pipelines.storage_snapshots.hot.tables import HISTORY
from analytics_pipelines.storage_snapshots.intake.ingest import received_entries, received_snapshots
from analytics_pipelines.storage_snapshots.producers.git_history import commits, import_git
from analytics_pipelines.storage_snapshots.rollup.directories import directories
from analytics_pipelines.storage_snapshots.tables import DIRECTORIES, ENTRIES, SNAPSHOTS
from analytics_pipelines_tests.storage_snapshots.histories import published, remake

OURS = Path(__file__).parents[2]
FIRST = date(2026, 1, 1)
EVERYTHING = Asked(shows_new_dirs=False, limit=100_000)
WHO = {f"GIT_{role}_{what}": "x@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
WHO |= {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}


def git(repository, *arguments, told=None):
    command = ["git", "--no-optional-locks", "-C", str(repository), *arguments]
    return subprocess.run(command, env=os.environ | WHO, input=told, capture_output=True, check=True).stdout


def repository_of(folder, dice, commit_count, file_count):
    """A repository in which files come, go, change and move, folders too; a commit a day, through `git fast-import`."""
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    files, stream, number = {}, [], 0
    for commit in range(commit_count):
        before = dict(files)
        for _ in range(file_count if commit == 0 else dice.randrange(1, max(3, file_count // 40))):
            number += 1
            act(dice, files, number)
        if dice.random() < 0.2:
            rename_folder(dice, files)
        stream.append(b"commit refs/heads/main\ncommitter x <x@example.org> %d +0000\ndata 1\nx" % (10**9 + commit))
        stream += [b"D " + path.encode() for path in before.keys() - files.keys()]
        stream += [
            b"M 100644 inline %s\ndata %d\n%s" % (path.encode(), len(text), text)
            for path, text in files.items()
            if before.get(path) != text
        ]
    git(folder, "fast-import", "--quiet", told=b"\n".join(stream) + b"\n")
    return folder


def act(dice, files, number):
    what, path = dice.random(), dice.choice(sorted(files)) if files else None
    if path is None or what < 0.4:
        where = "/".join(dice.choice("abcd") * 2 for _ in range(dice.randrange(3)))
        files[f"{where}/f{number}".lstrip("/")] = b"%d " % number * dice.randrange(1, 400)
    elif what < 0.6:
        del files[path]
    elif what < 0.8:
        files[path] = b"%d " % number * dice.randrange(1, 400)
    else:
        files[f"moved/{number % 5}/m{number}"] = files.pop(path)


def rename_folder(dice, files):
    old, new = dice.choice("abcd") * 2 + "/", dice.choice("wxyz") * 2 + "/"
    for path in [path for path in files if path.startswith(old)]:
        files[new + path.removeprefix(old)] = files.pop(path)


def taken_in(settings, lake, repository):
    """Each commit as the snapshot of a day, in the lake; the commits by day."""
    import_git(repository, "code", settings.snapshots_folder, first_day=FIRST)
    found = {each.day: each.id for each in commits(repository, first_day=FIRST)}
    for day in found:
        lake.replace(ENTRIES, day, received_entries(settings.snapshots_folder, day, duck=lake.duck))
        entries = lake.scan(ENTRIES, [day])
        lake.replace(SNAPSHOTS, day, received_snapshots(settings.snapshots_folder, entries, day, duck=lake.duck))
        lake.replace(DIRECTORIES, day, directories(entries))
        remake(lake, day)
    return found


def said_by_git(repository, before, after):
    """Kinds of change by path, and what was renamed unchanged."""
    told = git(repository, "diff", "-z", "--name-status", "-M100%", "-l0", before, after).split(b"\0")[:-1]
    found, renamed = {"A": set(), "D": set(), "M": set()}, {}
    while told:
        kind, path = told.pop(0).decode(), told.pop(0).decode()
        if kind.startswith("R"):
            renamed[path] = told.pop(0).decode()
        else:
            found["M" if kind == "T" else kind].add(path)
    return found, renamed


def sizes(repository, commit):
    told = git(repository, "ls-tree", "-r", "-l", "-z", commit).split(b"\0")[:-1]
    return [int(each.split(b"\t")[0].split()[3]) for each in told if each.split()[1] == b"blob"]


def must_agree(lease, repository, first, last, found):
    """The comparison of two days against `git diff` of their commits."""
    told = compare(between(lease, first.isoformat(), last.isoformat()), EVERYTHING)
    rows = {kind: {row["path"][1:] for row in told.rows if row["kind"] == kind} for kind in ChangeKind}
    moved = {row["moved_from"][1:]: row["path"][1:] for row in told.rows if row["kind"] == "moved"}
    said, renamed = said_by_git(repository, found[first], found[last])
    assert rows["added"] | set(moved.values()) == said["A"] | set(renamed.values())
    assert rows["removed"] | moved.keys() == said["D"] | renamed.keys()
    assert rows["grown"] | rows["shrunk"] | rows["changed"] == said["M"]
    before, after = sizes(repository, found[first]), sizes(repository, found[last])
    assert (told.totals["before"]["size"], told.totals["after"]["size"]) == (sum(before), sum(after))
    assert (told.totals["before"]["files"], told.totals["after"]["files"]) == (len(before), len(after))
    assert told.totals["unexplained"] == {"size": 0, "size_du": 0}
    return moved, renamed


def walk_through(settings, lake, repository, pairs):
    found = taken_in(settings, lake, repository)
    with published(settings, lake) as lease:
        for first, last in pairwise(sorted(found)):
            moved, renamed = must_agree(lease, repository, first, last, found)
            assert moved == renamed
        for first, last in pairs(sorted(found)):
            must_agree(lease, repository, first, last, found)
        counted = Sql("SELECT count(*) FROM {history}").fill(history=lease.table(HISTORY.name))
        ((versions,),) = lease.tuples(counted)
    daily = sum(lake.manifest(ENTRIES, day).rows for day in found)
    return daily / versions


def test_changes_between_any_two_days_are_those_that_git_tells(settings, lake, tmp_path):
    repository = repository_of(tmp_path / "code", random.Random(1), 6, 60)
    walk_through(settings, lake, repository, lambda days: combinations(days, 2))


@pytest.mark.long
def test_a_hundred_days_of_history_are_eight_times_fewer_rows_than_daily_copies(settings, lake, tmp_path):
    dice = random.Random(2)
    repository = repository_of(tmp_path / "code", dice, 100, 400)
    ratio = walk_through(settings, lake, repository, lambda days: dice.sample(list(combinations(days, 2)), 60))
    assert ratio >= 8


def test_duplicates_are_the_files_of_one_blob(settings, lake, tmp_path):
    repository = tmp_path / "code"
    (repository / "copies").mkdir(parents=True)
    for number in range(12):
        for copy in range(number % 4 + 1):
            (repository / "copies" / f"{number} of {copy}").write_text(str(number % 7) * 100)
    git(repository, "init", "-q", "-b", "main")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "copies")
    taken_in(settings, lake, repository)
    with published(settings, lake) as lease:
        found = duplicate_groups(chosen(lease), Duplicates(), limit=100, most_copies=100)
    told = {each.hash: {copy.path[1:] for copy in each.copies} for each in found.groups}
    blobs = {}
    for line in git(repository, "ls-tree", "-r", "HEAD").decode().splitlines():
        about, path = line.split("\t")
        blobs.setdefault(about.split()[2], set()).add(path.strip('"'))
    twice = {blob: paths for blob, paths in blobs.items() if len(paths) > 1}
    assert told == twice
    assert [each.level for each in found.groups] == ["identical"] * len(twice)
    assert sum(each.reclaimable for each in found.groups) == sum(100 * (len(paths) - 1) for paths in twice.values())


@pytest.mark.long
def test_this_projects_own_commits_are_told_as_git_tells_them(settings, lake):
    found = taken_in(settings, lake, OURS)
    with published(settings, lake) as lease:
        for first, last in combinations(sorted(found), 2):
            moved, renamed = must_agree(lease, OURS, first, last, found)
            assert last - first > timedelta(days=1) or len(moved) == len(renamed)
