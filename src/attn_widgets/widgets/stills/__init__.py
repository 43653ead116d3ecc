"""A widget's state -> what `attn_widgets.stills` draws, and one line of words; imported when a picture is wanted."""
