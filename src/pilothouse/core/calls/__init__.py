"""What every call of the API has in common: who calls, problems, pages, versions, calls that are repeated."""
