"""What the collective's pages show, one module per page; each in a fixed number of statements."""
