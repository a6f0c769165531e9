"""Doors to client libraries, one folder each."""
