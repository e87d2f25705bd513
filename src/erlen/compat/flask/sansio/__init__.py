"""``flask.sansio``."""
