from analytics_pipelines.storage_snapshots.scanner import sheet as sheet_file
from analytics_pipelines.storage_snapshots.scanner.sheet import STATUS_BYTES, Sheet


def test_rows_lie_behind_each_other_in_the_memory():
    sheet = Sheet.of_own()
    assert sheet.add("", 2, b"\x01" * 2 * STATUS_BYTES, b"a/b/", 4) == 0
    assert sheet.add(None, 1, b"\x02" * STATUS_BYTES, b"/", 1) == 2
    assert bytes(sheet.statuses) == b"\x01" * 2 * STATUS_BYTES + b"\x02" * STATUS_BYTES
    assert bytes(sheet.names) == b"a/b//"
    assert (sheet.runs, sheet.rows, sheet.name_bytes, sheet.characters) == ([("", 2), (None, 1)], 3, 5, 5)


def test_a_sheet_is_full_by_rows_by_names_or_by_paths(monkeypatch):
    sheet = Sheet.of_own()
    sheet.add("", 1, bytes(STATUS_BYTES), b"name/", 5)
    monkeypatch.setattr(sheet_file, "MOST_ROWS", 10)
    monkeypatch.setattr(sheet_file, "MOST_NAME_BYTES", 20)
    monkeypatch.setattr(sheet_file, "MOST_PATH_CHARACTERS", 100)
    assert sheet.has_room(9, 15, 95)
    assert not sheet.has_room(10, 15, 95)
    assert not sheet.has_room(9, 16, 95)
    assert not sheet.has_room(9, 15, 96)


def test_an_empty_sheet_takes_paths_of_any_length(monkeypatch):
    monkeypatch.setattr(sheet_file, "MOST_PATH_CHARACTERS", 100)
    assert Sheet.of_own().has_room(1, 5, 1000)
