"""The double-entry books: transactions whose entries sum to zero in each currency, written once and never changed."""
