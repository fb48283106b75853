"""The web process: shows what was published, and nothing else."""
