"""What to do with each device over several years: options, limits, the best plan, and how far it can be from best."""
