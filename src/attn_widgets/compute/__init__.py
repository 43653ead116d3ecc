"""Reactive objects: inputs are traits, outputs are traits; changing an input recomputes what depends on it."""
