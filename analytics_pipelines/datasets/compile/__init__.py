"""Plans as bound SQL over the view `subject`, and the numbers that DuckDB gives for it.

Here: which rows pass, groups and spans of local time, the aggregates, and the arrays that statistics, forecasts and
charts start from. Not here: whether a plan fits its data (`datasets.plan`), statistics and forecasts themselves
(`datasets.statistics`, `datasets.forecast`), the process that all of it runs in (`datasets.execution`).

Everything takes an open cursor of an instance of one thread, so that equal questions have equal answers to the last
bit. Values are bound and names quoted: nothing that a user wrote becomes text of a statement. NaN counts as missing
everywhere, and so do infinite times; infinite numbers are values.

    mount(cursor, reading)
    answer = aggregate(cursor, plan, subject)
"""
