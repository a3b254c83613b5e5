"""The one family of errors a user may see."""

from __future__ import annotations


class PilothouseError(Exception):
    """Something the user can mend; its text is the message they read.

    `exit_code` is what the command line ends with (contracts: 2 = bad usage or unreadable input).
    """

    exit_code = 2


class UnreadableInput(PilothouseError):
    """A file or folder that cannot be read at all; the text names it and says what would be right."""


class BadUsage(PilothouseError):
    """The command was called with something it cannot take."""
