"""Speed, measured beside its own control in the same run. `make bench`; never part of the tests."""
