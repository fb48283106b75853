"""Pages for people: rendered here, without a script and without a request to anywhere else."""
