"""Plimsoll on AWS: what each component may do there, and templates that stand it up."""
