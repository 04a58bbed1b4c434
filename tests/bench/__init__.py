"""Benchmarks: `make bench`. Ratios within one run, medians of several; nothing here is a timed test."""
