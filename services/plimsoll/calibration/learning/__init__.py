"""What labels teach: calibrations, promises, and when either is taken back."""
