"""How far a judge may be trusted: measured on labels, for one result and for a stream."""
