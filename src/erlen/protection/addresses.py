"""Addresses of clients, as servers and proxies write them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

# The longest with a zone (RFC 4007, section 11) and a port.
_LONGEST = 100


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """The address of a text that may have a port, brackets and a zone, which are no part of it;
    ``None`` for what is none, such as the socket of a proxy on this machine.

    >>> parse_address("[fe80::1%eth0]:8080")
    IPv6Address('fe80::1')
    >>> parse_address("203.0.113.9:1001")
    IPv4Address('203.0.113.9')
    """
    if len(text) > _LONGEST:
        return None
    host = text.strip()
    if host.startswith("["):
        # RFC 3986, section 3.2.2.
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
