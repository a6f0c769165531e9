"""Bodies by reference: from S3, and from files below allowed folders."""
