"""Pages to an address of the organization's, signed."""
