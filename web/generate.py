"""Makes the TypeScript client's types from the OpenAPI document: `python -m web.generate`. Needs no running service."""

import json
import tempfile
from pathlib import Path

from venuefinder.api.app import create_app
from venuefinder.bootstrap import Services
from venuefinder.settings import Settings
from web.build import WEB, install, run

TYPES = WEB / "client" / "src" / "schema.d.ts"


def generate(types: Path = TYPES) -> None:
    """Write the types of the API as it is now."""
    with tempfile.TemporaryDirectory(prefix="venuefinder-types-") as folder:
        document = Path(folder) / "openapi.json"
        # Nothing is opened: an application describes itself without database and encoder.
        app = create_app(Services(Settings(_env_file=None, data_dir=Path(folder) / "data")))
        document.write_text(json.dumps(app.openapi()))
        run("generate", {"OPENAPI": str(document), "TYPES": str(types)})


if __name__ == "__main__":
    install()
    generate()
