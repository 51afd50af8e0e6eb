"""SRExpert's core: what every app stands on and nothing of what they are about."""
