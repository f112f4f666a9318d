"""Hearing what the studio plays: by a device, by a page in a browser, by the path of the file."""
