"""What a widget shows -> a small PNG of it, in milliseconds and without matplotlib: what a notebook keeps.

Light, on white, at twice the size in pixels. Colours are those of the browser, cell by cell.
"""
