"""Pages of no organization: home, liveness, readiness."""
