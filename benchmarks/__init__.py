"""Runnable measurements that print ratios: `python -m benchmarks` (or `make bench`)."""
