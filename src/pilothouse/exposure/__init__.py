"""Says which devices the public security advisories touch."""
