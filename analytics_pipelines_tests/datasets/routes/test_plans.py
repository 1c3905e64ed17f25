"""The door of plans: checked, computed in a process of its own, answered, put on record."""

import base64

import pytest

from analytics_pipelines_tests.datasets.routes.house import DAY, MEAN, ROWS, executed

VALIDATE, EXECUTE = "/api/analytics/validate", "/api/analytics/execute"


def of_sales(**fields: object) -> dict:
    return {"table": "core_shop__sales", "plan": fields}


def test_a_bare_plan_is_checked_by_its_form(anna):
    assert anna.post(VALIDATE, json=MEAN).json() == {"valid": True, "errors": [], "warnings": [], "details": []}
    found = anna.post(VALIDATE, json={"operation": "meen", "target_column": "price"}).json()
    (detail,) = found["details"]
    assert (found["valid"], detail["pointer"], detail["code"]) == (False, "/operation", "unknown_choice")
    assert "mean" in detail["hint"]
    assert found["errors"] == [f"/operation: {detail['message']} {detail['hint']}"]


def test_against_the_data_near_names_and_kinds_are_told(anna, session):
    plan = {"operation": "mean", "target_column": "prise", "group_by": ["region"]}
    (detail,) = anna.post(VALIDATE, json={"session_id": session, "plan": plan}).json()["details"]
    assert (detail["pointer"], detail["code"], "price" in detail["hint"]) == ("/target_column", "unknown_column", True)


def test_what_names_a_dataset_and_has_no_plan_is_told_that_the_plan_is_missing(anna, session):
    (detail,) = anna.post(VALIDATE, json={"session_id": session}).json()["details"]
    assert (detail["pointer"], detail["code"]) == ("", "not_an_object")


def test_a_plan_gives_numbers_chart_and_where_they_come_from(anna, session):
    answer = executed(anna, session, MEAN | {"chart_type": "bar"})
    assert answer["success"] is True
    assert (answer["filtered_row_count"], answer["nulls_dropped"]) == (ROWS, {"price": 0})
    means = {row["region"]: row["mean_price"] for row in answer["result"]["rows"]}
    assert means["north"] == pytest.approx(sum(10 + row * 0.5 + row % 7 for row in range(0, ROWS, 3)) / 30)
    assert base64.b64decode(answer["chart_data"]).startswith(b"\x89PNG")
    assert answer["chart_spec"]["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
    provenance = answer["provenance"]
    assert provenance["subject"] == session
    assert provenance["row_count"] == ROWS
    assert {"duckdb", "statsmodels"} <= provenance["libraries"].keys()


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(MEAN | {"chart_type": "bar"}, id="an aggregate"),
        pytest.param({"operation": "median", "target_column": "price", "chart_type": "histogram"}, id="a histogram"),
        pytest.param(
            {"operation": "std", "target_column": "price", "group_by": ["region"], "chart_type": "box"}, id="boxes"
        ),
        pytest.param(
            {"operation": "correlation", "x_axis": "quantity", "y_axis": "price", "chart_type": "scatter"},
            id="a correlation",
        ),
        pytest.param(
            {"operation": "regression", "x_axis": "quantity", "y_axis": "price", "chart_type": "auto"},
            id="a regression",
        ),
        pytest.param(
            {
                "operation": "forecast",
                "time_column": "sold_at",
                "target_column": "price",
                "horizon": 7,
                "chart_type": "line",
            },
            id="a forecast",
        ),
    ],
)
def test_the_same_plan_over_the_same_data_gives_the_same_bytes(anna, session, plan):
    sent = {"session_id": session, "plan": plan}
    first, second = (anna.post(EXECUTE, json=sent).json() for _ in range(2))
    assert first["success"], first["error_message"]
    for part in ("result", "chart_spec", "chart_data"):
        assert first[part] is not None
        assert first[part] == second[part]


def test_a_table_of_the_lake_is_asked_the_same_way(anna):
    answer = anna.post(EXECUTE, json=of_sales(operation="sum", target_column="amount")).json()
    assert answer["result"]["value"] == 12.0
    assert answer["provenance"]["generation"]
    by_day = of_sales(measures=[{"operation": "count"}], time_column="sold_date", bucket="day")
    assert anna.post(EXECUTE, json=by_day).json()["result"]["rows"] == [{"sold_date": str(DAY), "count": 4}]
    asked = anna.get("/api/analytics/tables/core_shop__sales/history", params={"format": "csv", "limit": 2})
    assert asked.headers["content-type"].startswith("text/csv")
    assert asked.text.count("core_shop__sales") >= 2
    listed = {each["name"]: each for each in anna.get("/api/analytics/tables").json()}
    assert [each["name"] for each in listed["core_shop__sales"]["columns"] if each["is_personal"]] == ["customer"]


def test_who_is_no_admin_counts_persons_and_no_more(anna, house):
    by_person = of_sales(operation="sum", target_column="amount", group_by=["customer"])
    refused = anna.post(EXECUTE, json=by_person)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "personal_column")
    counted = anna.post(EXECUTE, json=of_sales(operation="count_distinct", target_column="customer")).json()
    assert counted["result"]["value"] == 3
    allowed = house.clients["admin"].post(EXECUTE, json=by_person).json()
    assert [row["customer"] for row in allowed["result"]["rows"]] == ["Ada", "Ben", "Cy"]


def test_a_wrong_plan_is_refused_with_every_place_and_put_on_record(anna, session):
    plan = {"operation": "mean", "target_column": "nothing", "group_by": ["region", "regino"]}
    answer = anna.post(EXECUTE, json={"session_id": session, "plan": plan})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "PlanRefused")
    assert [each["pointer"] for each in problem["errors"]] == ["/plan/target_column", "/plan/group_by/1"]
    newest = anna.get("/api/analytics/history/" + session, params={"limit": 1}).json()[0]
    assert (newest["success"], newest["execution_plan"]) == (False, plan)
    assert '/target_column: There is no column "nothing".' in newest["error_message"]


def test_a_plan_that_fails_while_it_runs_says_why_and_is_put_on_record(anna, session):
    filters = [{"column": "quantity", "operator": "==", "value": 3}]
    plan = {"operation": "correlation", "x_axis": "quantity", "y_axis": "price", "filters": filters}
    answer = executed(anna, session, plan)
    assert (answer["success"], answer["error_code"], answer["result"]) == (False, "ConstantColumn", None)
    newest = anna.get("/api/analytics/history/" + session, params={"limit": 1}).json()[0]
    assert newest["error_message"] == answer["error_message"]


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        pytest.param({"plan": MEAN}, 422, "NothingNamed", id="nothing named"),
        pytest.param({"session_id": "x", "table": "y", "plan": MEAN}, 422, "TwoNamed", id="two named"),
        pytest.param({"session_id": 7, "plan": MEAN}, 422, "NothingNamed", id="a number as session"),
        pytest.param({"session_id": "../x", "plan": MEAN}, 404, "NoSuchDataset", id="no session"),
        pytest.param({"table": "core_none__at_all", "plan": MEAN}, 404, "NoSuchTable", id="no table"),
        pytest.param({"table": "core_shop__sales"}, 422, "PlanRefused", id="no plan"),
        pytest.param([MEAN], 422, "NothingNamed", id="a list"),
    ],
)
def test_what_is_not_about_anything_is_refused(anna, sent, status, code):
    answer = anna.post(EXECUTE, json=sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_the_language_is_published(house):
    schema = house.nobody.get("/api/analytics/plan-schema").json()
    assert {"operation", "filters", "measures"} <= schema["properties"].keys()
