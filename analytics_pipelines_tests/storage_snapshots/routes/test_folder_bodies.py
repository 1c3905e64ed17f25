from analytics_pipelines.storage_snapshots.ask.extensions import Extensions, OfExtension
from analytics_pipelines.storage_snapshots.ask.folders import LISTED, SUMS, TIMES, Folders
from analytics_pipelines.storage_snapshots.ask.tree import COLUMNS, Node, Pruning, Tree
from analytics_pipelines.storage_snapshots.routes import folder_bodies as bodies

PLACE = {"share": "s", "path": "/r", "pre": 0, "last_pre": 1, "depth": 0}
ROW = PLACE | {column: place for place, column in enumerate(SUMS)} | dict.fromkeys(TIMES)
FOUND = Folders("/r", (ROW,), ())


def test_the_body_of_a_folder_has_all_that_its_model_names():
    child = dict.fromkeys(LISTED) | {"share": "s", "path": "/r/f", "name": "f", "type": "f", "size_bytes": 7}
    told = bodies.folder(FOUND, [tuple(child.values())], "next")
    assert bodies.Folder.model_validate(told).model_dump() == told
    assert (told["children"][0]["size"], told["next_cursor"]) == (7, "next")
    assert [each["from_size"] for each in told["size_bins"]][:3] == [0, 32, 1024]
    assert [each["to_size"] for each in told["size_bins"]][-2:] == [2**45, None]
    assert told["size_bins"][2]["files"] == ROW["size_bin_2_file_count"]
    assert told["mtime_ages"][1]["size_du"] == ROW["modified_under_90_days_allocated_bytes"]


def test_a_day_whose_bands_were_never_made_says_so_by_null():
    unknown = ROW | {column: None for column in SUMS if column.startswith("size_bin_")}
    told = bodies.folder(Folders(None, (unknown, unknown), ()), [], None)
    assert bodies.Folder.model_validate(told).model_dump() == told
    assert told["size_bins"][0]["files"] is None
    assert told["files"] == 2 * ROW["file_count"]


def test_the_body_of_a_tree_tells_where_it_ended():
    sums = dict.fromkeys(COLUMNS, 1)
    leaf = Node("s", "/r/d", "d", sums)
    root = Node("s", "/r", "r", sums, is_open=True, children=[leaf], others=sums | {"folder_count": 4})
    told = bodies.tree(Tree(FOUND, [root], is_cut=True), Pruning(depth=1))
    assert bodies.TreeOfFolders.model_validate(told).model_dump() == told
    assert told["trees"][0]["children"][0]["children"] is None
    assert told["trees"][0]["others"] == {"folders": 4, "files": 1, "dirs": 1, "size": 1, "size_du": 1}


def test_the_body_of_types_tells_the_others_only_where_there_are_some():
    one = OfExtension("py", 1, 2, 3, 4, 5, 6)
    told = bodies.types(Extensions(FOUND, [one], 2, one))
    assert bodies.Types.model_validate(told).model_dump() == told
    assert told["types"][0] == {
        "extension": "py",
        "files": 1,
        "size": 2,
        "size_du": 3,
        "own": {"files": 4, "size": 5, "size_du": 6},
    }
    assert told["others"]["extensions"] == 2
    assert bodies.types(Extensions(FOUND, [one], 0, None))["others"] is None
