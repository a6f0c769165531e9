"""Runs code from results in bubblewrap; `harness` is the program inside."""
