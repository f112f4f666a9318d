"""Modules with weights; each owns its losses and its sampling."""
