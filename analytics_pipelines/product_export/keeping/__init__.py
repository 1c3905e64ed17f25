"""The product's users and items as clients of the API keep them: rows in PostgreSQL, each with its owner's rights.

A token speaks for one user, who may change this user and the items that belong to it; an admin may change all.
"""
