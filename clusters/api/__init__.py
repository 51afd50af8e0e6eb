"""What agents call: `POST /api/agent/v1/…`."""
