"""A simulated Kubernetes cluster: an API server over real HTTP, small controllers, and scenarios that break and heal."""
