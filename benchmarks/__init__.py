"""What the app costs, measured: `make bench` writes docs/benchmarks.md."""
