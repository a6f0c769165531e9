"""The observer: windows of quality over the scored events."""
