"""Template tags of the interface; every template has them without loading."""
