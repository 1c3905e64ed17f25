"""Which SQL may run: allowlists over the engine's own reading of it, before the engine binds or runs anything.

Here: bounds on the text before the parser sees it, the parser on a private connection, the walk over its tree, scopes
of common table expressions, the lists of functions and types, and the few statements that batches write with. Not
here: what stops a statement that passed (deadline, memory, cage); those are the worker's.

    gate = Gate()
    checked = gate.select("SELECT count(*) FROM core_web__sessions", {"core_web__sessions": ["site", "visitor"]})
    checked.sql, checked.tables, checked.is_repeatable
"""
