"""What computes: one file a metric."""
