"""Questions about a site's traffic, put together by the caller: which figures, over which days, by what, of whom.

Here: the language of `POST /api/v1/web/query`, which has the shape and the meaning of Plausible's stats API v2,
and its translation into one SQL statement over core events and visits. Not here: fixed questions (`queries`),
HTTP (`routes.query`), today's traffic that is not exported yet (`realtime`).

    asked = Asked(site_id="example.org", metrics=["visitors"], date_range="7d", dimensions=["visit:source"])
    answered = answer(lease, asked, now)
"""
