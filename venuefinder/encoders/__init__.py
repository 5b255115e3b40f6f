"""Encoders: photos and texts to embeddings. The only place that knows torch.

Torch's OpenMP threads wait for each other by spinning, which starves whatever shares their cores: decoding beside
encoding, Postgres, another process. With both cores of a small machine in use elsewhere, a photo took 276 ms to encode;
with threads that sleep while they wait, 41. On an idle machine the forward pass alone takes longer so (31 ms against 20
to 24), and ingestion less (34 against 51 and more; docs/benchmarks.md). OpenMP reads the variable when torch is first
imported; set OMP_WAIT_POLICY=ACTIVE to have it the other way.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
