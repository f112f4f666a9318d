"""Everything that runs in the background. Files directly here are light; the folders may be heavy."""
