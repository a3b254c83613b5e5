"""Receipts of parts over three years, offers, spares and another hospital's counts, with the true rates beside them."""
