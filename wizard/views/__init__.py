"""Routes: form → core → redirect or page, and nothing else."""
