"""Tests of plimsoll.adapters.evidence."""
