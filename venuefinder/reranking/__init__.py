"""Reranking: a vision-language model looks at photos of an answer's first venues, and orders them by what it sees.

task     what is asked of which venues        token    the same, signed, as an address carries it
photos   which photos of a venue              scoring  what the model says of them, asked once
order    scores to an order, pure             job      one rerank and what is known of it so far
running  one job from its start to its end    worker   the thread in which jobs run, one at a time
jobs     the jobs of this process             rerank   the use case
fusions  whether, and how, both scores count  labelled, calibrating   how that is measured
"""

from venuefinder.reranking.rerank import Reranking

__all__ = ["Reranking"]
