"""Parts: what happened after the part arrived, whom to buy from, and where to hold how many."""
