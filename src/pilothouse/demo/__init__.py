"""Writes the sources of a demo health system with the truth beside them; shares no code with the matchers."""
