"""Readers, writers, versions, times, text and the engine port; knows nothing of hospitals."""
