"""Golden values: what every metric says of a few fixed results, so that no change is missed."""
