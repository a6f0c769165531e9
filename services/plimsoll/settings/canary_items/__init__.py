"""Canaries: items whose right verdict is known, and attacks, as YAML beside this file."""
