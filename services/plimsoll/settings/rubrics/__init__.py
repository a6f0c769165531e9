"""Rubrics: those that ship, as YAML beside this file, and the user's own."""
