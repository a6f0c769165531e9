"""Processes for metrics that are too long for the event loop."""
