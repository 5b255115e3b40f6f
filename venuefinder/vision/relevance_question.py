"""The one question a rerank asks of a photo. The request is a stranger's text: data between marks, never instructions.

Neutral ground: use cases ask it without knowing the prompts of vision-language models, which quote the same words.
"""

from venuefinder.vision.photo_reading import YesNo


def relevance(request: str) -> str:
    """Return the question whether a photo suits a request. `request` is a stranger's text and stays data."""
    # Without angle brackets it can neither close the marks nor write a model's special tokens (<|im_end|>).
    quoted = " ".join(request.replace("<", " ").replace(">", " ").split())
    return f"Does this photo show a venue that fits this request? <request>{quoted}</request>"


def relevance_question(request: str) -> YesNo:
    """Return the question as models are asked it."""
    return YesNo(text=relevance(request), phrase=request, graded=True)
