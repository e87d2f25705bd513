"""What guards an application: each part is imported where it is used."""
