"""The projected types, one module an API group: what is declared here may leave a cluster, nothing else."""
