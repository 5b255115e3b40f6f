"""The backend `openai:<base url>#<model>`: any server of the OpenAI API, on GPUs elsewhere or hosted."""

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self, TypeVar

from venuefinder.errors import VisionAnswerError, VisionUnavailableError
from venuefinder.vision.photo_reading import (
    Capabilities,
    ModelIdentity,
    PhotoInput,
    PhotoReport,
    Unread,
    Verdict,
    YesNo,
)
from venuefinder.vlm.chat_answers import Completion, completion, grade, report, verdict
from venuefinder.vlm.chat_requests import (
    Feature,
    grade_chat,
    is_blind,
    is_overflow,
    picture,
    report_chat,
    to_leave_out,
    verdict_chat,
)
from venuefinder.vlm.chat_server import BadRequestError, ChatServer
from venuefinder.vlm.patience import Patience
from venuefinder.vlm.prompts import PROMPT_VERSION
from venuefinder.vlm.registry import VisionOptions
from venuefinder.vlm.resizing import TokenLimits
from venuefinder.vlm.served_address import ServedModel, served_model

Found = TypeVar("Found")


class OpenAIModel:
    """A model behind an OpenAI-compatible server. Thread-safe; `concurrency` requests at once, whoever asks.

    What a server lacks (log-probabilities, JSON Schema, the older parameter names) is found out by its first refusal,
    and not asked for again.
    """

    def __init__(self, served: ServedModel, server: ChatServer, limits: TokenLimits, concurrency: int) -> None:
        self._served = served
        self._server = server
        self._limits = limits
        self._concurrency = concurrency
        self._lacks: frozenset[Feature] = frozenset()
        self._looks = True

    @classmethod
    def of(cls, spec: str, options: VisionOptions) -> Self:
        """Make the model that `<base url>#<model>` names; asks nothing of the server yet. Raises ConfigurationError."""
        key = options.api_key if options.api_key and options.api_key.get_secret_value() else None
        served = served_model(spec, has_key=key is not None)
        server = ChatServer(served, key=key, timeout=options.timeout, concurrency=options.concurrency)
        return cls(served, server, TokenLimits(options.min_tokens, options.max_tokens), options.concurrency)

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is; what it can is assumed until it was asked for it."""
        parts = [self._served.host, self._served.model, self._limits.least, self._limits.most, PROMPT_VERSION]
        return ModelIdentity(
            backend="openai",
            model=self._served.shown,
            key=hashlib.sha256(json.dumps(["openai", *parts]).encode()).hexdigest(),
            can=Capabilities(
                logprobs="logprobs" not in self._lacks,
                json_schema="response_format" not in self._lacks,
                images=self._looks,
            ),
        )

    def report(self, photos: Sequence[PhotoInput], *, until: float | None = None) -> list[PhotoReport | Unread]:
        """Say what each photo shows: N reports. An answer that is none is asked for once more."""
        return self._each(photos, until, lambda photo: self._report(photo, until))

    def verdicts(
        self, photos: Sequence[PhotoInput], questions: Sequence[YesNo], *, until: float | None = None
    ) -> list[list[Verdict] | Unread]:
        """Ask every question of each photo: N lists. The first goes ahead, so that servers keep the photo."""
        return self._each(photos, until, lambda photo: self._verdicts(photo, questions, until))

    def close(self) -> None:
        """Let go of connections."""
        self._server.close()

    def _each(
        self, photos: Sequence[PhotoInput], until: float | None, read: Callable[[PhotoInput], Found]
    ) -> list[Found | Unread]:
        patience = Patience(until)
        with ThreadPoolExecutor(max(1, min(self._concurrency, len(photos)))) as threads:
            found = list(threads.map(lambda photo: patience.read(read, photo), photos))
        patience.check()
        return found

    def _report(self, photo: PhotoInput, until: float | None) -> PhotoReport:
        shown = picture(photo, self._limits)

        def build(lacks: frozenset[Feature]) -> dict[str, Any]:
            return report_chat(self._served.model, shown, lacks)

        answer = self._complete(build, until)
        try:
            return report(answer)
        except VisionAnswerError:
            if answer.cut_short or answer.declined:
                raise
        # The server may have ignored the schema, as some do: spell it out, and go on so if that helps.
        without: frozenset[Feature] = self._lacks | {"response_format"}
        found = report(self._sent(build(without), until))
        self._lacks |= without
        return found

    def _verdicts(self, photo: PhotoInput, questions: Sequence[YesNo], until: float | None) -> list[Verdict]:
        if not questions:
            return []
        shown = picture(photo, self._limits)

        def ask(question: YesNo) -> Verdict:
            return self._verdict(shown, question, until)

        first = ask(questions[0])
        with ThreadPoolExecutor(max(1, min(self._concurrency, len(questions) - 1))) as threads:
            return [first, *threads.map(ask, questions[1:])]

    def _verdict(self, photo: str, question: YesNo, until: float | None) -> Verdict:
        if question.graded and "logprobs" in self._lacks:
            return self._grade(photo, question, until)
        answer = self._complete(lambda lacks: verdict_chat(self._served.model, photo, question, lacks), until)
        if answer.first or answer.declined:
            return verdict(answer)
        self._lacks |= {"logprobs"}
        return self._grade(photo, question, until) if question.graded else verdict(answer)

    def _grade(self, photo: str, question: YesNo, until: float | None) -> Verdict:
        return grade(self._complete(lambda lacks: grade_chat(self._served.model, photo, question, lacks), until))

    def _complete(self, build: Callable[[frozenset[Feature]], dict[str, Any]], until: float | None) -> Completion:
        """Send what `build` makes for a server that lacks so much, with ever less until it is taken."""
        lacks = self._lacks
        while True:
            chat = build(lacks)
            try:
                found = self._sent(chat, until)
            except BadRequestError as error:
                if is_overflow(error.said):
                    raise VisionAnswerError(
                        "photo and question exceed the model's context; lower VENUEFINDER_VLM_MAX_TOKENS or ask less"
                    ) from None
                if is_blind(error.said):
                    self._looks = False
                    raise VisionUnavailableError(
                        f"{self._served.shown} at {self._served.host} takes no photos; name a vision-language model in "
                        "VENUEFINDER_VLM, or serve this one with its vision part"
                    ) from None
                feature = to_leave_out(chat, error.said)
                if feature is None:
                    raise
                lacks |= {feature}
            else:
                self._lacks |= lacks
                return found

    def _sent(self, chat: dict[str, Any], until: float | None) -> Completion:
        """Send a chat, once more if what comes back is no chat completion."""
        try:
            return completion(self._server.complete(chat, until=until))
        except BadRequestError:
            raise
        except VisionAnswerError:
            return completion(self._server.complete(chat, until=until))
