"""Running plans: the part that computes, in a process of its own, and the part that watches, records and answers."""
