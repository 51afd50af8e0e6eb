"""What stands in the simulated cluster before anything breaks: nodes, system parts, the shop, filler."""
