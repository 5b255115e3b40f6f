"""Write webdataset shards, well-formed and not."""

import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_shard(path: Path, members: Mapping[str, bytes | dict[str, Any] | tarfile.TarInfo], **options: Any) -> Path:
    """Write an archive: bytes as they are, a dictionary as JSON, a header alone where that is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w", **options) as archive:
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
                continue
            data = json.dumps(content).encode() if isinstance(content, dict) else content
            header = tarfile.TarInfo(name)
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))
    return path


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    """Return the header of a link."""
    header = tarfile.TarInfo(name)
    header.type, header.linkname = kind, target
    return header
