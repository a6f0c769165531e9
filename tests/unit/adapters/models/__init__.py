"""Models on the side, on graphs made here."""
