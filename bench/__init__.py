"""Where the figures of the README come from: ratios, counts and latencies, each of one run of `make bench`."""
