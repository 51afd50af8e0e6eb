"""What agent and server say to each other, and the projection that both apply to every object."""
