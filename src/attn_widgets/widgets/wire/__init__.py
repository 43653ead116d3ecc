"""What a widget shows -> plain values and bytes for the browser; a file here has the name of a folder in js/src."""
