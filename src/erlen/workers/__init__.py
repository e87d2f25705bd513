"""The threads and loops that code runs on."""
