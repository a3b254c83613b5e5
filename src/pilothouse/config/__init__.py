"""The wiring of the server: settings, addresses, the API's assembly, which room answers which port."""
