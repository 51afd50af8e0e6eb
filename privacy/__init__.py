"""The privacy core: what is personal, why it is processed, and how that is kept."""
