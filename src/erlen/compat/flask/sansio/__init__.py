"""The names of ``flask.sansio``: the same classes."""
