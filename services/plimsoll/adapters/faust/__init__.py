"""The one door to faust-streaming."""
