"""The servers: one for development, and those for production."""
