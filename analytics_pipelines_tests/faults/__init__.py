"""Tests that kill processes and fill disks, and the programs that they kill."""
