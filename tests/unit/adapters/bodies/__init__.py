"""Bodies from files."""
