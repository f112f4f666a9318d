"""One file per spec: the order of steps, the paths, when to save."""
