"""The chain of command as people work on it: who is appointed, who is away, who answers for what; every change is checked."""
