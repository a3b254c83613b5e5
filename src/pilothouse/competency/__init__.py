"""Who may use, teach and repair what: skills, evidence, needs, coverage, and the plan of training."""
