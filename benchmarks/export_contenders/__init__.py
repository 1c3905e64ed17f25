"""What exports the same table, each in a module that imports only what it needs, run in a process of its own."""
