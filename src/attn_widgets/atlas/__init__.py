"""What every head of many models does over a corpus: numbers and examples, kept in files, read back as tables."""
