"""Removing a visitor from everywhere, a place a file: event log, spool, lake, generations; and PostgreSQL's own files.

Here: what is done in each place, so that it can be done again after a kill. Not here: the order of it all, which
stands in `operations/erase.py`, and the list that keeps the visitor out, `web_events/suppress.py`.
"""
