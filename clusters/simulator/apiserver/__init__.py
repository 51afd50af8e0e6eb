"""The simulated API server: storage with versions, discovery, reads, watches, writes, access control."""
