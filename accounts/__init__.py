"""People, organizations, teams and what they may do."""
