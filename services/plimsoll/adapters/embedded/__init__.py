"""The broker in memory, and processes that end with their parent."""
