"""Code from results in the real sandbox."""
