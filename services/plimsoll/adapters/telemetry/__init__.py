"""Telemetry and logs of a service."""
