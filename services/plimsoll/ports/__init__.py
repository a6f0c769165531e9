"""Protocols between the pure core and the world; no behaviour."""
