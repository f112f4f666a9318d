"""What a person touches: the full-screen studio and the command line."""
