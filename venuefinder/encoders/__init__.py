"""Encoders: photos and texts to embeddings. The only place that knows torch.

Torch's OpenMP threads wait for each other by spinning, which starves whatever shares their cores: decoding beside
encoding, Postgres, another process. With both cores of a small machine in use elsewhere, a photo took 276 ms to encode;
with threads that sleep while they wait, 41. On an idle machine the forward pass alone takes a fifth longer so (30 ms
against 25), ingestion no longer (36 ms either way). OpenMP reads the variable when torch is first imported; set
OMP_WAIT_POLICY=ACTIVE to have it the other way.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
