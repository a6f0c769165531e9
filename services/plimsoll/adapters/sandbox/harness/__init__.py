"""What runs inside the sandbox: it uses the standard library only, and nothing else of Plimsoll."""
