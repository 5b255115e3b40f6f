"""Fits the starter's projection on photos with texts, and measures it on photos that it has not seen.

`python -m venuefinder.encoders.starter_fit MANIFEST --out FILE` writes a projection; `benchmarks/starter_retrieval.py`
prints how well it finds photos.
"""
