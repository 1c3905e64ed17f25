"""What any room's `routes.py` may use; it knows no room.

Here: scopes and who is calling, problems (RFC 9457), the types of route parameters that come from the
application, request ids, the access log, headers. Not here: a route, a model of a room, a query.

    @router.get("/visits", dependencies=[requires(Scope.VIEWER)], responses=documented(NothingPublished, TooManyDays))
    def read_visits(duck: DuckLease) -> list[DailyVisits]: ...
"""
