"""Which machines photos may be fetched from: those of the public internet, and those the operator names.

A URL in a manifest is a stranger's wish to have this machine connect somewhere. Without this check it could read what
only this machine may: services on loopback, neighbours in the private network, a cloud's credentials.
"""

import re
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from venuefinder.errors import ConfigurationError, FetchError, RefusedImageError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Sequence[str]]
"""A host and a port to its addresses as text, best first; raises OSError where there is none."""

_REFUSED: tuple[tuple[str, str], ...] = (
    ("127.0.0.0/8", "a loopback address"),
    ("169.254.0.0/16", "a link-local address, where clouds keep their metadata"),
    ("168.63.129.16/32", "a cloud's own service"),
    ("10.0.0.0/8", "a private address"),
    ("172.16.0.0/12", "a private address"),
    ("192.168.0.0/16", "a private address"),
    ("100.64.0.0/10", "a carrier's private address"),
    ("224.0.0.0/4", "a multicast address"),
    ("0.0.0.0/8", "an address of this network"),
    ("192.0.0.0/24", "a reserved address"),
    ("192.0.2.0/24", "a reserved address"),
    ("192.88.99.0/24", "a reserved address"),
    ("198.18.0.0/15", "a reserved address"),
    ("198.51.100.0/24", "a reserved address"),
    ("203.0.113.0/24", "a reserved address"),
    ("240.0.0.0/4", "a reserved address"),
    ("::1/128", "a loopback address"),
    ("fe80::/10", "a link-local address"),
    ("fc00::/7", "a private address"),
    ("ff00::/8", "a multicast address"),
    ("2001::/23", "a reserved or tunnelled address"),
    ("2001:db8::/32", "a reserved address"),
    ("2002::/16", "a tunnelled address"),
    ("3fff::/20", "a reserved address"),
)
"""IANA's registries of special-purpose addresses, and Azure's host service, which has a public number."""
_REFUSED_NETWORKS: tuple[tuple[Network, str], ...] = tuple((ip_network(text), why) for text, why in _REFUSED)
_GLOBAL_IPV6 = IPv6Network("2000::/3")
"""All that IANA has given out of IPv6 (RFC 4291, 2.4)."""
_NAT64 = IPv6Network("64:ff9b::/96")
"""How networks without IPv4 write its addresses (RFC 6052, 2.1): the last 32 bits."""
_NAME = re.compile(r"[a-z0-9._-]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Allowed:
    """Hosts and networks that may be fetched from although they are not public."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[str]) -> "Allowed":
        """Read `127.0.0.1`, `10.0.0.0/8` or `photos.internal`; raises ConfigurationError for anything else."""
        hosts, networks = set[str](), list[Network]()
        for entry in filter(None, (entry.strip() for entry in entries)):
            network = _network(entry)
            if network is None:
                hosts.add(_plain(entry))
            else:
                networks.append(network)
        return cls(frozenset(hosts), tuple(networks))

    def check(self, host: str, addresses: Sequence[Address]) -> None:
        """Raise RefusedImageError unless the host is named here, or each of its addresses is public or named here.

        Says of what sort an address is, not which: callers of the API are told no names of the private network.
        """
        if _plain(host) in self.hosts:
            return
        for address in addresses:
            if why := None if self._named(address) else why_refused(address):
                raise RefusedImageError(
                    f"host {host} is at {why}; photos are fetched from public addresses, and from those that the "
                    "operator names in VENUEFINDER_FETCH_ALLOW"
                )

    def _named(self, address: Address) -> bool:
        reached = _reached(address)
        return any(address in network or reached in network for network in self.networks)


def why_refused(address: Address) -> str | None:
    """Say what an address is that no photo may be fetched from, or None for a public one."""
    address = _reached(address)
    for network, why in _REFUSED_NETWORKS:
        if address in network:
            return why
    if isinstance(address, IPv6Address) and address not in _GLOBAL_IPV6:
        return "a reserved address"
    return None


def resolved(host: str, port: int, resolve: Resolve) -> list[Address]:
    """Return a host's addresses, best first; raises FetchError where there is none."""
    try:
        found = [ip_address(text) for text in resolve(host, port)]
    except (OSError, ValueError) as error:  # ValueError: a name too long for DNS, or a resolver that gives no address
        raise FetchError(f"host {host[:100]} was not found") from error
    if not found:
        raise FetchError(f"host {host[:100]} was not found")
    return list(dict.fromkeys(found))


def system_resolve(host: str, port: int) -> list[str]:
    """Ask the system for a host's addresses, as every program on this machine does."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def _reached(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one is only another way of writing; else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address


def _network(entry: str) -> Network | None:
    try:
        return ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        if not _NAME.fullmatch(entry):
            raise ConfigurationError(
                f"VENUEFINDER_FETCH_ALLOW: found {entry!r}, expected hosts or networks, such as 127.0.0.1, 10.0.0.0/8 "
                "or photos.internal, with commas between"
            ) from None
        return None


def _plain(host: str) -> str:
    return host.rstrip(".").lower()
