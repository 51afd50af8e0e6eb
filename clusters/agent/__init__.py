"""The agent: watches one cluster, projects what it sees, and sends that to the server. Imports no Django."""

VERSION = "0.1.0"
