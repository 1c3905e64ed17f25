"""Tests stand where their code stands."""

from analytics_pipelines_tests.house_rules.repository import PACKAGE, TESTS, files_of, functions_of, short

OF_THE_WHOLE = {
    "benchmarks": "the benchmarks stand beside the package",
    "faults": "kills processes and fills disks; spans the house",
    "house_rules": "tests the house itself",
    "journeys": "from source to answer, through every floor",
}
TESTED_ELSEWHERE = {
    "tables": "declarations, held by house_rules/test_tables.py and the checks made of them",
    "log_tables": "declarations, held equal to the migrations by house_rules/test_migrations.py",
}
TESTED_THROUGH = {
    "cli/demo/account.py": "who asks in the demo; demo/test_command.py runs it",
    "datasets/execution/at_work.py": "names the work for the processes; every execution in routes/test_plans.py",
    "datasets/execution/profiled.py": "asks a process for a profile; routes/test_datasets.py",
    "datasets/execution/taken_in.py": "from a received file to a dataset; routes/test_uploads.py",
    "datasets/routes/files.py": "CSV and JSON lines of routes/test_datasets.py and routes/test_runs.py",
    "datasets/routes/parts.py": "hands parts on; every test of a route goes through it",
    "datasets/subject.py": "what plans, compiling and execution agree on; every test of them makes subjects",
    "foundation/hot.py": "what rooms and serving agree on; serving/test_native.py makes hot tables",
    "product_export/plan.py": "what planning, reading and verifying agree on; every test of them makes plans",
    "product_export/source/described.py": "what describe gives; source/test_describe.py looks at every part",
    "product_export/wishes.py": "what the configuration gives; test_configuration.py",
    "sql_service/broker/__main__.py": "starts the broker; every test that has one",
    "sql_service/broker/probe.py": "the query of health; broker/test_server.py",
    "sql_service/broker/query.py": "what dispatch keeps of a query; broker/test_dispatch.py",
    "sql_service/broker/told.py": "health and statistics; broker/test_server.py",
    "sql_service/sizes.py": "how the machine is divided; broker/test_server.py sees the places",
    "web_events/intake/receipts.py": "what the doors and the writer agree on; every test of the intake uses it",
    "http_kit/principals.py": "a name and its scopes, in http_kit/test_scopes.py",
    "http_kit/wiring.py": "hands parts on; every test of a route goes through it",
}


def mirrored(test):
    return PACKAGE / test.parent.relative_to(TESTS) / (test.stem.removeprefix("test_") + ".py")


def test_every_test_file_has_its_code():
    tests = [file for file in files_of(TESTS, ".py") if file.name.startswith("test_")]
    own = [file for file in tests if file.relative_to(TESTS).parts[0] not in OF_THE_WHOLE]
    assert [short(file) for file in own if not mirrored(file).is_file()] == []


def test_every_file_that_works_has_its_test():
    """Files of data, migrations and signs have none."""
    tested = {mirrored(file) for file in files_of(TESTS, ".py") if file.name.startswith("test_")}
    untested = [
        short(file)
        for file in files_of(PACKAGE, ".py")
        if functions_of(file) and file not in tested and file.parent.name != "migrations"
        if file.stem not in TESTED_ELSEWHERE and file.name != "__init__.py"
        if file.relative_to(PACKAGE).as_posix() not in TESTED_THROUGH
    ]
    assert untested == []


def test_every_folder_of_tests_is_a_package():
    folders = {file.parent for file in files_of(TESTS, ".py")}
    assert [short(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_names_of_tests_are_sentences():
    short_names = [
        f"{short(file)} {function.name}"
        for file in files_of(TESTS, ".py")
        for function in functions_of(file)
        if function.name.startswith("test_") and function.name.count("_") < 3
    ]
    assert short_names == []
