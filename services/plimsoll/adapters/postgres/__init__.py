"""PostgreSQL: the score store, and what judges said and cost, for more than one machine."""
