"""The register's list, search and past: read from the flat row with SQL, in the time of a blink at a million devices. ADR 0022."""
