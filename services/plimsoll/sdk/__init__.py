"""Three lines to publish, subscribe, look up and gate."""
