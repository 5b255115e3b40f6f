"""Our own questions: does this photo show a fireplace? Of the sample venues' photos, half of the answers being no."""

from importlib.resources import as_file, files

from venuefinder.evaluation.questions import QuestionFile, read_questions


def amenity_questions() -> QuestionFile:
    """Return the questions that ship with VenueFinder; their photos lie in the folder that `samples.build` makes."""
    with as_file(files("venuefinder.evaluation") / "amenities.jsonl") as path:
        return read_questions(path)
