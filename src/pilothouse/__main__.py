"""`python -m pilothouse` is the command `pilothouse`."""

from pilothouse.cli.main import main

main()
