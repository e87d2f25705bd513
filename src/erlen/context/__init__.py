"""The contexts, and the proxies that lead to them."""
