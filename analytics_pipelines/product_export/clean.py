"""From raw to core: users and items typed, trimmed and tied to each other.

A row of the source is a user or an item already (its number is the key, and the raw table's check holds it
unique), so there is nothing to deduplicate by guesswork: two users whose addresses differ only in case or
blanks stay two users.
"""

from analytics_pipelines.foundation.select import Scan, Select
from analytics_pipelines.foundation.sql import Sql, from_file

RAW_USERS_COUNT = Sql("SELECT count(*) FROM raw_users")
RAW_ITEMS_COUNT = Sql("SELECT count(*) FROM raw_items")


def core_users(raw_users: Scan) -> Select | None:
    """`core_app__users` of the days scanned: e-mail trimmed and in lower case, blank names as null.

    None where nothing was exported.
    """
    if not raw_users.files:
        return None
    return Select(from_file(__package__, "core_users"), {"raw_users": raw_users}, expected_rows=RAW_USERS_COUNT)


def core_items(raw_items: Scan, core_users: Scan) -> Select | None:
    """`core_app__items` of the days scanned; `has_owner` is false where `core_users` lacks the owner on that day.

    None where items or users were not exported.
    """
    if not (raw_items.files and core_users.files):
        return None
    reads = {"raw_items": raw_items, "core_users": core_users}
    return Select(from_file(__package__, "core_items"), reads, expected_rows=RAW_ITEMS_COUNT)
