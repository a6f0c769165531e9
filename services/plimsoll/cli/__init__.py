"""The command line: one program with sub-commands."""
