"""One module per processor; nothing outside this package knows how a processor counts."""
