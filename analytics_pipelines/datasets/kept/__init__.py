"""What is kept of users' work: datasets, analyses, the audit of plans, and plans that run now.

Each function works in a transaction that acts for one user or on one duty, so that PostgreSQL itself shows nobody
another's rows, whatever a query forgets to say.
"""
