"""The session rule by hand in Polars and in pandas, as one writes it who knows them: sort once, then whole columns.

Both are spared what the lake's rule does besides: neighbouring days, names of the day before, a limit for each site,
conversions, and md5 (they hash as fast as they can). They give the visits as Arrow, in no order.
"""

from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa

ORDER = ("site_id", "visitor_id", "event_at", "received_at", "event_id")
FIRST = (
    "event_date",
    "site_id",
    "visitor_id",
    "visitor_id_before",
    "event_id",
    "session_id",
    "source",
    "medium",
    "campaign",
    "channel",
    "referrer_host",
    "country",
    "device",
    "browser",
    "os",
)
FLAGS = ("is_pageview", "is_interactive", "is_bot")
NEEDED = (*dict.fromkeys((*ORDER, *FIRST, *FLAGS, "event_type", "path")),)
GAP_LIMIT_S = 1_800
TEN_SECONDS = 10


def polars_visits(events: Path) -> pl.DataFrame:
    """Visits of the day's file."""
    rows = pl.scan_parquet(events).select(NEEDED).sort(ORDER).collect()
    gap_us = rows["event_at"].diff().dt.total_microseconds()
    is_same = (rows["site_id"] == rows["site_id"].shift()) & (rows["visitor_id"] == rows["visitor_id"].shift())
    first = (~is_same | (gap_us > GAP_LIMIT_S * 1_000_000)).fill_null(value=True).arg_true()
    last = (first.shift(-1) - 1).fill_null(rows.height - 1)

    def total(flag: str) -> pl.Series:
        running = rows[flag].cast(pl.Int64).cum_sum()
        return running.gather(last) - running.gather(first) + rows[flag].gather(first).cast(pl.Int64)

    place = rows.select(pl.when("is_pageview").then(pl.int_range(pl.len(), dtype=pl.UInt32))).to_series()
    entry, leave = place.backward_fill().gather(first), place.forward_fill().gather(last)
    started_at, ended_at = rows["event_at"].gather(first), rows["event_at"].gather(last)
    visits = rows.select(pl.col(FIRST).gather(first)).with_columns(
        started_at=started_at,
        ended_at=ended_at,
        duration_s=(ended_at - started_at).dt.total_seconds(),
        pageviews=total("is_pageview"),
        events=(last - first + 1).cast(pl.Int64),
        entry_page=pl.when(entry <= last).then(rows["path"].gather(entry)),
        exit_page=pl.when(leave >= first).then(rows["path"].gather(leave)),
        is_bounce=total("is_interactive") == 1,
        is_bot=total("is_bot") > 0,
    )
    return visits.with_columns(
        session_id=pl.concat_str("site_id", "visitor_id", "event_id").hash(),
        client_session_id="session_id",
        is_engaged=(pl.col("pageviews") >= 2) | (pl.col("duration_s") >= TEN_SECONDS),  # noqa: PLR2004 - the rule
    ).drop("event_id")


def pandas_visits(events: Path) -> pa.Table:
    """The same in pandas."""
    rows = pd.read_parquet(events, columns=list(NEEDED)).sort_values(list(ORDER), ignore_index=True)
    is_same = (rows["site_id"] == rows["site_id"].shift()) & (rows["visitor_id"] == rows["visitor_id"].shift())
    is_near = rows["event_at"].diff() <= pd.Timedelta(seconds=GAP_LIMIT_S)
    visit = (~(is_same & is_near)).cumsum()
    groups = rows.groupby(visit, sort=False)
    pages = rows["path"].where(rows["is_pageview"]).groupby(visit, sort=False)
    visits: Any = rows.loc[~(is_same & is_near), list(FIRST)].reset_index(drop=True)
    ended_at = groups["event_at"].last().to_numpy()
    made = {
        "started_at": groups["event_at"].first().to_numpy(),
        "ended_at": ended_at,
        "pageviews": groups["is_pageview"].sum().to_numpy(),
        "events": groups.size().to_numpy(),
        "entry_page": pages.first().to_numpy(),
        "exit_page": pages.last().to_numpy(),
        "is_bounce": groups["is_interactive"].sum().to_numpy() == 1,
        "is_bot": groups["is_bot"].any().to_numpy(),
    }
    visits = visits.assign(**made)
    visits["duration_s"] = (visits["ended_at"] - visits["started_at"]).dt.total_seconds() // 1
    visits["is_engaged"] = (visits["pageviews"] >= 2) | (visits["duration_s"] >= TEN_SECONDS)  # noqa: PLR2004 - the rule
    key = visits["site_id"] + visits["visitor_id"] + visits["event_id"]
    hashed = pd.util.hash_pandas_object(key, index=False, categorize=False)
    visits = visits.assign(client_session_id=visits["session_id"], session_id=hashed).drop(columns="event_id")
    return pa.Table.from_pandas(visits, preserve_index=False)
