"""Stores on a real PostgreSQL server."""
