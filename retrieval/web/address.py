"""Which addresses may be connected to: public ones, whatever name or spelling they come under."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

IP = IPv4Address | IPv6Address

# IPv6 addresses that carry an IPv4 address, which a translator or tunnel then reaches: prefix, and the bits below the embedded one.
_CARRIERS = (
    (IPv6Network("::ffff:0:0/96"), 0),  # mapped, RFC 4291
    (IPv6Network("::/96"), 0),  # compatible, RFC 4291, no longer in use
    (IPv6Network("::ffff:0:0:0/96"), 0),  # translated, RFC 2765
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64, RFC 6052
    (IPv6Network("2002::/16"), 80),  # 6to4, RFC 3056
)
_TEREDO = IPv6Network("2001::/32")  # RFC 4380: the client's address is in the last 32 bits, inverted
_SITE_LOCAL = IPv6Network("fec0::/10")  # RFC 3879, no longer in use
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")  # RFC 8215: of a network's own
# Public by their numbers, but answered by the cloud that a machine runs in.
_METADATA = frozenset({IPv4Address("168.63.129.16")})


def is_public(address: IP) -> bool:
    """Whether an address belongs to the open internet. What is embedded in an IPv6 address must be public too."""
    return all(_is_public(form) for form in _forms(address))


def parse(text: str) -> IP | None:
    """An address as a resolver writes it, a zone ("%eth0") dropped; None for anything else."""
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _is_public(address: IP) -> bool:
    if address.is_multicast or address.is_reserved or address.is_unspecified or address in _METADATA:
        return False
    return address.is_global and not (isinstance(address, IPv6Address) and address in _SITE_LOCAL)


def _forms(address: IP) -> Iterator[IP]:
    """The address and those that it carries."""
    carried = list(_carried(address)) if isinstance(address, IPv6Address) else []
    if not carried:
        yield address
    yield from carried
    if isinstance(address, IPv6Address) and address in _LOCAL_NAT64:
        yield IPv4Address("127.0.0.1")


def _carried(address: IPv6Address) -> Iterator[IPv4Address]:
    number = int(address)
    for network, below in _CARRIERS:
        if address in network:
            yield IPv4Address(number >> below & 0xFFFFFFFF)
    if address in _TEREDO:
        yield IPv4Address(~number & 0xFFFFFFFF)
        yield IPv4Address(number >> 64 & 0xFFFFFFFF)
