"""Encoders: photos and texts to embeddings. The only place that knows torch.

Torch's OpenMP threads wait for each other by spinning, which starves whatever shares their cores: decoding beside
encoding, Postgres, another process. Asleep instead, a forward pass on two contended cores took 41 ms a photo where it
had taken 276, and on idle ones no longer. OpenMP reads the variable when torch is first imported.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
