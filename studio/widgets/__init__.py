"""What the studio draws with."""
