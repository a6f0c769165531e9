"""From a rubric and a result to a question, and from a reply to a verdict: pure."""
