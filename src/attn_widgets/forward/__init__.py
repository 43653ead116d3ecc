"""Run the model: one forward pass -> traces, recordings, logits."""
