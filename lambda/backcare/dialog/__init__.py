"""Every decision what to say: pure functions from a Turn to a Reply."""
