"""Search documents, words and the log of queries; knows documents, not listings."""
