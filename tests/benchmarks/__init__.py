"""Whole-process benchmarks: `python -m tests.benchmarks` measures every budget of the project."""
