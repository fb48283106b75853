"""Batch moments: one file each, wired from the library; `python -m pipelines --help` lists them."""
