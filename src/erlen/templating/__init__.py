"""Templates: the environment and the rendering."""
