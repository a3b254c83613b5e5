"""Links the lists that different departments keep of the same equipment, and decides which claim wins."""
