"""The flow: from a record to an outcome, and the loop that carries outcomes out."""
