"""Which addresses photos may be fetched from."""

from ipaddress import ip_address

import pytest

from venuefinder.errors import ConfigurationError, FetchError, RefusedImageError
from venuefinder.originals.addresses import Allowed, resolved, system_resolve, why_refused
from venuefinder.originals.urls import redirected, shown, web_url

PUBLIC = ("8.8.8.8", "93.184.216.34", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "172.32.0.1")
PRIVATE = (
    "0.0.0.0",  # noqa: S104 - to be refused
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001:0:7f00:1::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
)


@pytest.mark.parametrize("address", PUBLIC)
def test_takes_public_addresses(address: str) -> None:
    assert why_refused(ip_address(address)) is None
    Allowed().check("photos.example", [ip_address(address)])


@pytest.mark.parametrize("address", PRIVATE)
def test_refuses_every_other_address(address: str) -> None:
    assert why_refused(ip_address(address))
    with pytest.raises(RefusedImageError, match=r"host photos.example is at a.* VENUEFINDER_FETCH_ALLOW") as refusal:
        Allowed().check("photos.example", [ip_address(address)])
    assert address not in str(refusal.value)


def test_refuses_a_host_of_which_one_address_is_private() -> None:
    with pytest.raises(RefusedImageError, match="private"):
        Allowed().check("photos.example", [ip_address("8.8.8.8"), ip_address("10.0.0.1")])


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost", "0"])
def test_refuses_loopback_however_it_is_spelt(host: str) -> None:
    addresses = resolved(host, 80, system_resolve)
    with pytest.raises(RefusedImageError, match=r"loopback|this network"):
        Allowed().check(host, addresses)


@pytest.mark.parametrize(
    ("entry", "host", "address"),
    [
        ("127.0.0.1", "x", "127.0.0.1"),
        ("127.0.0.1", "x", "::ffff:127.0.0.1"),
        (" 10.0.0.0/8 ", "x", "10.9.8.7"),
        ("10.9.8.7/8", "x", "10.0.0.1"),
        ("fd12::/16", "x", "fd12::9"),
        ("[::1]", "x", "::1"),
        ("photos.internal", "Photos.Internal.", "10.9.8.7"),
    ],
)
def test_takes_what_the_operator_names(entry: str, host: str, address: str) -> None:
    Allowed.of(["other.internal", entry, ""]).check(host, [ip_address(address)])


@pytest.mark.parametrize(
    ("entry", "host", "address"),
    [
        ("127.0.0.1", "x", "127.0.0.2"),
        ("10.0.0.0/8", "x", "192.168.0.1"),
        ("photos.internal", "evil.photos.internal", "10.0.0.1"),
        ("photos.internal", "photos.internal.example", "10.0.0.1"),
    ],
)
def test_takes_no_more_than_that(entry: str, host: str, address: str) -> None:
    with pytest.raises(RefusedImageError):
        Allowed.of([entry]).check(host, [ip_address(address)])


@pytest.mark.parametrize(
    "entry", ["10.0.0.0/99", "http://photos.internal", "photos internal", "host:80", "a,b", "10.0/8"]
)
def test_names_an_entry_that_is_neither_host_nor_network(entry: str) -> None:
    with pytest.raises(ConfigurationError, match=r"VENUEFINDER_FETCH_ALLOW: found '.*', expected hosts or networks"):
        Allowed.of([entry])


def test_a_host_without_addresses_is_not_found() -> None:
    for found in (list[str](), ["nonsense"]):
        with pytest.raises(FetchError, match=r"host photos.example was not found"):
            resolved("photos.example", 80, lambda *_, found=found: found)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://h/x", "gopher://h", "data:image/png,x", "s3://b/k", "//h/x", "x"]
)
def test_refuses_other_schemes(url: str) -> None:
    with pytest.raises(RefusedImageError, match=r"scheme '.*', expected http or https"):
        web_url(url)


@pytest.mark.parametrize("url", ["http://me@h/", "http://me:secret@h/", "https://:secret@h/", "http://h\\@h/"])
def test_refuses_users_and_passwords(url: str) -> None:
    with pytest.raises(RefusedImageError, match="user or password") as refusal:
        web_url(url)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http:///x",
        "http://a b/",
        "http://%31/",
        "http://h:0/",
        "http://h:99999/",
        "http://h\r\n/",
        "http://h/" + "x" * 99_999,
    ],
)
def test_refuses_what_is_no_address(url: str) -> None:
    with pytest.raises(FetchError, match="no address"):
        web_url(url)


def test_reads_an_address() -> None:
    assert str(web_url(" HTTPS://Example.COM/a b.jpg?x=1#part ")) == "https://example.com/a%20b.jpg?x=1"
    assert web_url("http://bücher.example/").raw_host == b"xn--bcher-kva.example"


def test_follows_a_redirect_from_where_it_was_found() -> None:
    base = web_url("https://h.example/a/b?sig=1")
    assert str(redirected(base, "c.jpg")) == "https://h.example/a/c.jpg"
    assert str(redirected(base, "//o.example/c")) == "https://o.example/c"
    assert str(redirected(web_url("http://h.example/"), "https://h.example/")) == "https://h.example/"


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("http://h.example/c?sig=secret", "redirected from https to http://h.example/c, which"),
        ("file:///etc/passwd", "redirected to scheme 'file'"),
        ("//me:secret@h.example/", "redirected to a user or password"),
        ("http://h\n", "redirected to no address"),
    ],
)
def test_refuses_redirects_that_lead_elsewhere(location: str, words: str) -> None:
    with pytest.raises((RefusedImageError, FetchError), match=words) as refusal:
        redirected(web_url("https://h.example/a"), location)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("https://h/a.jpg?X-Amz-Signature=secret", "https://h/a.jpg"),
        ("https://h/a.jpg#secret", "https://h/a.jpg"),
        ("https://me:secret@h/a.jpg", "https://h/a.jpg"),
        ("https://me:se?cret@h/a.jpg", "https://h/a.jpg"),
        ("s3://bucket/key.jpg", "s3://bucket/key.jpg"),
        ("https://h/" + "x" * 500, "https://h/" + "x" * 190 + "…"),
    ],
)
def test_shows_addresses_without_their_secrets(location: str, expected: str) -> None:
    assert shown(location) == expected
