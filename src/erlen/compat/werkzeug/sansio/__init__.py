"""The names of ``werkzeug.sansio``: the same classes and functions."""
