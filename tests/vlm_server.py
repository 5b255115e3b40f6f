"""A model of transformers behind the chat API, made of transformers and xgrammar alone: none of what it is to test."""

import json
from base64 import b64decode
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

import torch
import xgrammar
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor
from xgrammar.contrib.hf import LogitsProcessor

from tests.chat_servers import Exchange

PNG = "data:image/png;base64,"
CONTEXT = 4096


class ServedTransformers:
    """Answers chats about one PNG each, greedily, in float32."""

    def __init__(self, folder: Path) -> None:
        self._processor = AutoProcessor.from_pretrained(folder, local_files_only=True)
        self._model = AutoModelForImageTextToText.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
        self._model.eval()
        self._lock = Lock()
        self.images: list[tuple[int, int]] = []

    def __call__(self, exchange: Exchange) -> None:
        """Answer as servers do, their refusals included."""
        chat = exchange.chat
        if chat["model"] != "tiny":
            exchange.answer({"error": {"message": f"The model `{chat['model']}` does not exist.", "code": 404}}, 404)
            return
        with self._lock:
            answer = self._answered(chat)
        if answer is None:
            message = f"This model's maximum context length is {CONTEXT} tokens. Please reduce the length."
            exchange.answer({"object": "error", "message": message, "code": 400}, 400)
        else:
            exchange.answer(answer)

    def _answered(self, chat: dict[str, Any]) -> dict[str, Any] | None:
        inputs = self._inputs(chat["messages"])
        length = inputs["input_ids"].shape[1]
        if length + chat["max_tokens"] > CONTEXT:
            return None
        with torch.inference_mode():
            found = self._model.generate(
                **inputs,
                max_new_tokens=chat["max_tokens"],
                do_sample=False,
                temperature=None,
                top_p=None,
                top_k=None,
                return_dict_in_generate=True,
                output_logits=True,
                logits_processor=self._constraint(chat.get("response_format")),
            )
        written = found.sequences[0, length:].tolist()
        ended = written[-1] == self._model.config.text_config.eos_token_id
        text = self._processor.tokenizer.decode(written, skip_special_tokens=True)
        choice: dict[str, Any] = {"index": 0, "message": {"role": "assistant", "content": text}}
        choice["finish_reason"] = "stop" if ended else "length"
        choice["logprobs"] = {"content": [self._listed(found.logits[0][0], chat)]} if chat.get("logprobs") else None
        return {"id": "chat-1", "object": "chat.completion", "model": "tiny", "choices": [choice]}

    def _inputs(self, messages: list[dict[str, Any]]) -> Any:
        system, user = messages
        parts, images = [], []
        for part in user["content"]:
            if part["type"] == "text":
                parts.append(part)
                continue
            url = part["image_url"]["url"]
            assert url.startswith(PNG)
            image = Image.open(BytesIO(b64decode(url.removeprefix(PNG), validate=True)))
            assert image.format == "PNG"
            self.images.append(image.size)
            images.append(image.convert("RGB"))
            parts.append({"type": "image"})
        turns = [
            {"role": "system", "content": [{"type": "text", "text": system["content"]}]},
            {"role": "user", "content": parts},
        ]
        text = self._processor.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        return self._processor(text=[text], images=images, return_tensors="pt")

    def _constraint(self, wanted: dict[str, Any] | None) -> list[LogitsProcessor]:
        if wanted is None:
            return []
        assert wanted["type"] == "json_schema"
        vocabulary = self._model.config.text_config.vocab_size
        known = xgrammar.TokenizerInfo.from_huggingface(self._processor.tokenizer, vocab_size=vocabulary)
        schema = json.dumps(wanted["json_schema"]["schema"])
        grammar = xgrammar.GrammarCompiler(known, max_threads=1).compile_json_schema(schema, any_whitespace=False)
        return [LogitsProcessor(grammar)]

    def _listed(self, logits: torch.Tensor, chat: dict[str, Any]) -> dict[str, Any]:
        found = logits.float().log_softmax(dim=-1).topk(chat["top_logprobs"])
        listed = [
            {"token": self._processor.tokenizer.decode([token]), "logprob": value, "bytes": None}
            for token, value in zip(found.indices.tolist(), found.values.tolist(), strict=True)
        ]
        return {**listed[0], "top_logprobs": listed}
