"""The chain of command: who answers for a topic, here, now."""
