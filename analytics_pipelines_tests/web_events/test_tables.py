"""What the room's tables say of persons."""

from analytics_pipelines.web_events.tables import TABLES


def test_what_names_a_person_is_marked() -> None:
    personal = {column.name for table in TABLES for column in table.columns if column.is_personal}
    assert {"visitor_id", "session_id", "client_address", "user_agent", "payload", "url", "referrer"} <= personal
