"""From scores to a calibrated probability of being right, and the statistics that judge it."""
