"""The controllers of the simulated cluster, each as small as its effect on stored objects allows."""
