"""The scorer: consumes results, publishes scored events."""
