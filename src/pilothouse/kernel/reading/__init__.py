"""Readers of plain files: each yields a `Table` of texts, in batches, and says what it could not take."""
