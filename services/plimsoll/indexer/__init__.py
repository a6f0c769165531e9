"""The indexer: projects scored events and dead letters into the store."""
