"""Statements of xAPI and Open Badges 3.0 as evidence. Source: docs/domains/competency.md, "Statements and badges"."""

from __future__ import annotations


def is_document(file: str) -> bool:
    """Whether a file or folder holds statements or badges, and no list."""
    return False
