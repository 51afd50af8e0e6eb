"""The services of a deployment on one machine, and the supervisor of its processes; without Django."""
