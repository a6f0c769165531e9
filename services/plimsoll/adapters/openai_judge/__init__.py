"""Judges behind endpoints that speak OpenAI's chat completions, as self-hosted models do."""
