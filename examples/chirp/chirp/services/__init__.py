"""What Chirp does, without a word about the web: the pages, the API and the commands call it.

Each function takes the database session first.  A function that changes something stores it before
it returns; one that raises has changed nothing.  Mistakes of people are ``errors.ServiceError``.
"""
