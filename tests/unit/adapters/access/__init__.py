"""Tokens and the keys of their issuers."""
