"""What a file is, told by its first bytes. Names and content types given by strangers are not asked."""

ALLOWED_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF")
"""Formats that are decoded, by Pillow's names. Nothing else ever reaches a decoder."""

_MAGIC = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
)
_AVIF_BRANDS = frozenset((b"avif", b"avis"))
_HEIF_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"))
_ANY_HEIF_BRANDS = frozenset((b"mif1", b"msf1"))
"""Say only that images are inside; the compatible brands say of which codec (ISO/IEC 23008-12, 10.2)."""
_MAX_BOXES = 1000
"""Boxes at the outermost level of a HEIF or AVIF; phones write three."""

_STRANGERS = (
    (b"%PDF-", "a PDF"),
    (b"%!PS", "a PostScript file"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"II+\x00", "a BigTIFF"),
    (b"MM\x00+", "a BigTIFF"),
    (b"8BPS", "a Photoshop document"),
    (b"BM", "a BMP bitmap"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"\xff\x0a", "a JPEG XL image"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL image"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 image"),
    (b"RIFF", "a RIFF file (a video or a sound)"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)


def sniff(data: bytes) -> str | None:
    """Return which of `ALLOWED_FORMATS` the bytes claim to be, or None for anything else."""
    for magic, name in _MAGIC:
        if data.startswith(magic):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        return _sniff_heif(data)
    return None


def announced_length(name: str, data: bytes) -> int | None:
    """Return how many bytes the file says it has, where its format says so."""
    if name == "WEBP":
        return 8 + int.from_bytes(data[4:8], "little")
    if name not in ("AVIF", "HEIF"):
        return None
    at = 0
    for _ in range(_MAX_BOXES):  # boxes of ISO/IEC 14496-12, 4.2: size, type, contents
        if at + 8 > len(data):
            return at
        size = int.from_bytes(data[at : at + 4], "big")
        if size < 8:  # 0: to the end of the file; 1: a 64-bit size, which no photo needs
            return None
        at += size
    return None


def describe(data: bytes) -> str:
    """Say in words what bytes that are no allowed image seem to be: "an HTML page"."""
    if data[4:8] == b"ftyp":
        return "a video"
    if not any(data[:512]):
        return "nothing but zeros"
    for magic, name in _STRANGERS:
        if data.startswith(magic):
            return name
    return _describe_text(data[:1024])


def _sniff_heif(data: bytes) -> str | None:
    major = data[8:12]
    if major in _AVIF_BRANDS:
        return "AVIF"
    if major in _HEIF_BRANDS:
        return "HEIF"
    if major not in _ANY_HEIF_BRANDS:
        return None
    size = min(int.from_bytes(data[:4], "big"), 1024)
    compatible = {data[at : at + 4] for at in range(16, size - 3, 4)}
    return "AVIF" if compatible & _AVIF_BRANDS else "HEIF"


def _describe_text(head: bytes) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"<svg" in text:
        return "an SVG drawing"
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")) or b"<html" in text:
        return "an HTML page"
    if text.startswith(b"<?xml"):
        return "an XML document"
    if text.startswith((b"{", b"[")):
        return "a JSON document"
    printable = sum(byte >= 32 or byte in b"\t\r\n" for byte in head)
    return "text" if printable == len(head) else "an unknown kind of file"
