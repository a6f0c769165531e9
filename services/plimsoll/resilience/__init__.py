"""Patience: retries with budgets and deadlines."""
