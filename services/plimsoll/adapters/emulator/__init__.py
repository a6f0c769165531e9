"""An emulator of Amazon Bedrock's runtime for tests, demonstrations and drills; no AWS needed."""
