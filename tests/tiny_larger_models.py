"""Writes small checkpoints of the architectures that `make test-models` tries, randomly initialised."""

from pathlib import Path

from transformers import (
    DeepseekVLConfig,
    DeepseekVLForConditionalGeneration,
    DeepseekVLImageProcessor,
    DeepseekVLProcessor,
    GotOcr2ImageProcessor,
    InternVLConfig,
    InternVLForConditionalGeneration,
    InternVLProcessor,
    InternVLVideoProcessor,
    Kimi_K25Config,
    Kimi_K25ForConditionalGeneration,
    Kimi_K25ImageProcessor,
    Kimi_K25Processor,
    Kimi_K25VideoProcessor,
    Llama4Config,
    Llama4ForConditionalGeneration,
    Llama4ImageProcessor,
    Llama4Processor,
    Molmo2Config,
    Molmo2ForConditionalGeneration,
    Molmo2ImageProcessor,
    Molmo2Processor,
    Molmo2VideoProcessor,
    PaliGemmaConfig,
    PaliGemmaForConditionalGeneration,
    PaliGemmaProcessor,
    SiglipImageProcessor,
)

from tests.tiny_models import CHAT_TEMPLATE, SIDE, VISION, llama, tokenizer_with, write

PATCHES = (SIDE // 14) ** 2
TEXT = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "max_position_embeddings": 8192,
}


def with_photo_as(mark: str) -> str:
    """Return the chat template with another mark for the photo."""
    return CHAT_TEMPLATE.replace("<image>", mark)


def write_internvl3(folder: Path, *, seed: int = 0) -> Path:
    """Write an InternVL3: tiles of a photo and the whole of it, each of a quarter as many tokens as patches."""
    marks = {
        "start_image_token": "<img>",
        "end_image_token": "</img>",
        "context_image_token": "<IMG_CONTEXT>",
        "video_token": "<video>",
    }
    tokenizer = tokenizer_with(marks=marks)
    config = InternVLConfig(
        vision_config={**VISION, "image_size": [SIDE, SIDE], "patch_size": [14, 14]},
        text_config=llama(len(tokenizer)) | {"model_type": "qwen2"},
        image_token_id=tokenizer.convert_tokens_to_ids("<IMG_CONTEXT>"),
        image_seq_length=PATCHES // 4,
    )
    processor = InternVLProcessor(
        image_processor=GotOcr2ImageProcessor(size={"height": SIDE, "width": SIDE}, max_patches=4),
        tokenizer=tokenizer,
        video_processor=InternVLVideoProcessor(),
        image_seq_length=PATCHES // 4,
        chat_template=with_photo_as("<IMG_CONTEXT>"),
    )
    return write(folder, InternVLForConditionalGeneration, config, processor, seed=seed)


def write_llama4(folder: Path, *, seed: int = 0) -> Path:
    """Write a Llama 4: experts, layers of chunked attention and one without positions, tiles and the whole photo."""
    tokenizer = tokenizer_with(
        *("<|image|>", "<|image_start|>", "<|image_end|>", "<|patch|>"),
        *("<|tile_x_separator|>", "<|tile_y_separator|>"),
    )
    token = tokenizer.convert_tokens_to_ids
    config = Llama4Config(
        vision_config={**VISION, "intermediate_size": 128, "vision_output_dim": 32}
        | {"projector_input_dim": 32, "projector_output_dim": 32},
        text_config={**TEXT, "vocab_size": len(tokenizer), "intermediate_size_mlp": 128, "num_local_experts": 2}
        | {"no_rope_layers": [1, 0]},
        boi_token_index=token("<|image_start|>"),
        eoi_token_index=token("<|image_end|>"),
        image_token_index=token("<|patch|>"),
    )
    processor = Llama4Processor(
        image_processor=Llama4ImageProcessor(size={"height": SIDE, "width": SIDE}, max_patches=4),
        tokenizer=tokenizer,
        chat_template=with_photo_as("<|image|>"),
    )
    return write(folder, Llama4ForConditionalGeneration, config, processor, seed=seed)


def write_deepseek_vl(folder: Path, *, seed: int = 0) -> Path:
    """Write a DeepSeek-VL: SigLIP's tower over one square of the photo, Llama's layers."""
    tokenizer = tokenizer_with(marks={"image_token": "<image_placeholder>"})
    config = DeepseekVLConfig(
        vision_config=VISION,
        text_config=llama(len(tokenizer)),
        image_token_id=tokenizer.convert_tokens_to_ids("<image_placeholder>"),
    )
    processor = DeepseekVLProcessor(
        image_processor=DeepseekVLImageProcessor(size={"height": SIDE, "width": SIDE}),
        tokenizer=tokenizer,
        num_image_tokens=PATCHES,
        chat_template=with_photo_as("<image_placeholder>"),
    )
    return write(folder, DeepseekVLForConditionalGeneration, config, processor, seed=seed)


def write_molmo2(folder: Path, *, seed: int = 0) -> Path:
    """Write a Molmo 2: the whole photo and overlapping crops of it, whose tokens see each other both ways."""
    tokens = ("<im_patch>", "<im_col>", "<im_start>", "<low_res_im_start>", "<im_end>")
    marks = {"image_token": "<|image|>", "video_token": "<|video|>"}
    tokenizer = tokenizer_with(*tokens, "<frame_start>", "<frame_end>", "<im_low>", marks=marks)
    token = tokenizer.convert_tokens_to_ids
    config = Molmo2Config(
        vision_config={**VISION, "image_size": [SIDE, SIDE], "num_key_value_heads": 2, "head_dim": 16},
        adapter_config={"vision_feature_layer": [1, 0], "hidden_size": 32, "num_attention_heads": 2, "head_dim": 16}
        | {"num_key_value_heads": 2, "intermediate_size": 64, "text_hidden_size": 64},
        text_config={**TEXT, "vocab_size": len(tokenizer)},
        image_start_token_id=token("<im_start>"),
        low_res_image_start_token_id=token("<low_res_im_start>"),
        image_end_token_id=token("<im_end>"),
        image_patch_id=token("<im_patch>"),
        frame_start_token_id=token("<frame_start>"),
        frame_end_token_id=token("<frame_end>"),
    )
    images = Molmo2ImageProcessor(size={"height": SIDE, "width": SIDE}, max_crops=4, overlap_margins=[1, 1])
    processor = Molmo2Processor(
        image_processor=images,
        video_processor=Molmo2VideoProcessor(),
        tokenizer=tokenizer,
        chat_template=with_photo_as("<|image|>"),
    )
    return write(folder, Molmo2ForConditionalGeneration, config, processor, seed=seed)


def write_kimi_k25(folder: Path, *, seed: int = 0) -> Path:
    """Write a Kimi K2.5: a photo in its own resolution, keys and values kept as latents, experts."""
    marks = {"image_token": "<|media_pad|>", "video_token": "<|kimi_k25_video_placeholder|>"}
    tokenizer = tokenizer_with("<|media_begin|>", "<|media_end|>", marks=marks)
    token = tokenizer.convert_tokens_to_ids
    latent = {"kv_lora_rank": 16, "q_lora_rank": 32, "qk_rope_head_dim": 8, "qk_nope_head_dim": 16, "v_head_dim": 16}
    experts = {"n_routed_experts": 4, "num_experts_per_tok": 2, "n_group": 1, "topk_group": 1}
    text = llama(len(tokenizer)) | latent | experts
    config = Kimi_K25Config(
        vision_config={name: VISION[name] for name in VISION if name != "image_size"},
        text_config=text
        | {
            "model_type": "deepseek_v3",
            "num_key_value_heads": 4,
            "moe_intermediate_size": 32,
            "first_k_dense_replace": 1,
        },
        projection_hidden_size=32,
        image_token_id=token("<|media_pad|>"),
        video_token_id=token("<|kimi_k25_video_placeholder|>"),
        vision_start_token_id=token("<|media_begin|>"),
        vision_end_token_id=token("<|media_end|>"),
    )
    processor = Kimi_K25Processor(
        image_processor=Kimi_K25ImageProcessor(),
        tokenizer=tokenizer,
        video_processor=Kimi_K25VideoProcessor(),
        chat_template=with_photo_as("<|media_begin|><|media_pad|><|media_end|>"),
    )
    return write(folder, Kimi_K25ForConditionalGeneration, config, processor, seed=seed)


def write_paligemma2(folder: Path, *, seed: int = 0) -> Path:
    """Write a PaliGemma 2, whose photo and question see each other; like the published ones without a template."""
    return _write_paligemma(folder, "gemma2", None, seed=seed)


def write_paligemma(folder: Path, *, seed: int = 0) -> Path:
    """Write a PaliGemma of the first version, without a template too; its layers are Gemma's."""
    return _write_paligemma(folder, "gemma", None, seed=seed)


def write_paligemma_with_template(folder: Path, *, seed: int = 0) -> Path:
    """Write a PaliGemma that somebody gave a template."""
    return _write_paligemma(folder, "gemma", CHAT_TEMPLATE, seed=seed)


def _write_paligemma(folder: Path, layers: str, template: str | None, *, seed: int) -> Path:
    tokenizer = tokenizer_with(marks={"image_token": "<image>"})
    tokenizer.bos_token = "<|endoftext|>"  # noqa: S105 - a token of a vocabulary, not a password
    images = SiglipImageProcessor(size={"height": SIDE, "width": SIDE})
    images.image_seq_length = PATCHES
    processor = PaliGemmaProcessor(image_processor=images, tokenizer=tokenizer, chat_template=template)
    config = PaliGemmaConfig(
        vision_config={"model_type": "siglip_vision_model", "vision_use_head": False, **VISION},
        text_config={"model_type": layers, "vocab_size": len(tokenizer), **TEXT},
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        projection_dim=64,
    )
    return write(folder, PaliGemmaForConditionalGeneration, config, processor, seed=seed)
