"""Settings: one typed model, read from the environment, then a file."""
