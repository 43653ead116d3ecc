"""Widgets: what a trace or a run shows, in the browser. One anywidget a file."""
