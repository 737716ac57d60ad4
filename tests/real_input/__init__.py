"""Real traces of other people's traffic, billed, and compared with plain decimals of the same files."""
