"""Writes tiny random models and tokenizers with what Hugging Face computes from them.

Every model is a few thousand random weights in the form of a family that people use. Beside its own files stand what
transformers and PEFT compute: logits of a prompt at once and token by token with a cache, and one LoRA training step.
The README says how to run it. The tests of the package read the folders and need no Python.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
    SmolLM3Config,
    SmolLM3ForCausalLM,
)

HERE = Path(__file__).parent
PROMPT_TOKENS = 24
PREFILL_TOKENS = 13
TRAINING_SHAPE = (2, 15)
LEARNING_RATE = 0.01

COMMON = {
    "vocab_size": 40,
    "hidden_size": 24,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}

ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]
ALL = [*ATTENTION, "gate_proj", "up_proj", "down_proj"]

# name: (config class, model class, own settings, stored type, LoRA settings)
MODELS = {
    "llama-2": (
        LlamaConfig,
        LlamaForCausalLM,
        {"num_key_value_heads": 4, "rms_norm_eps": 1e-5},
        torch.float32,
        {"target_modules": ["q_proj", "v_proj"]},
    ),
    "llama-3": (
        LlamaConfig,
        LlamaForCausalLM,
        {
            "rms_norm_eps": 1e-5,
            "rope_parameters": {
                "rope_type": "llama3",
                "rope_theta": 500.0,
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 32,
            },
        },
        torch.bfloat16,
        {"target_modules": ALL},
    ),
    "llama-biased": (
        LlamaConfig,
        LlamaForCausalLM,
        {
            "attention_bias": True,
            "mlp_bias": True,
            "rope_parameters": {"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0},
        },
        torch.float16,
        {"target_modules": ALL},
    ),
    "mistral": (
        MistralConfig,
        MistralForCausalLM,
        {"head_dim": 8, "sliding_window": 7, "rms_norm_eps": 1e-5},
        torch.bfloat16,
        {"target_modules": ALL, "use_rslora": True},
    ),
    "qwen-2": (
        Qwen2Config,
        Qwen2ForCausalLM,
        {
            "tie_word_embeddings": True,
            "rope_parameters": {
                "rope_type": "yarn",
                "rope_theta": 1000000.0,
                "factor": 4.0,
                "original_max_position_embeddings": 16,
            },
        },
        torch.bfloat16,
        {"target_modules": ATTENTION},
    ),
    "qwen-3": (
        Qwen3Config,
        Qwen3ForCausalLM,
        {
            "head_dim": 10,
            "tie_word_embeddings": True,
            "use_sliding_window": True,
            "sliding_window": 9,
            "max_window_layers": 1,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1000000.0},
        },
        torch.bfloat16,
        {"target_modules": ALL},
    ),
    "smollm": (
        LlamaConfig,
        LlamaForCausalLM,
        {
            "tie_word_embeddings": True,
            "rms_norm_eps": 1e-5,
            "rope_parameters": {"rope_type": "dynamic", "rope_theta": 100000.0, "factor": 2.0},
        },
        torch.bfloat16,
        {"target_modules": ["gate_proj", "up_proj", "down_proj"]},
    ),
    "smollm-3": (
        SmolLM3Config,
        SmolLM3ForCausalLM,
        {
            "no_rope_layers": [1, 0],
            "rope_parameters": {
                "rope_type": "yarn",
                "rope_theta": 2000000.0,
                "factor": 2.0,
                "original_max_position_embeddings": 32,
                "mscale": 1.0,
                "mscale_all_dim": 0.5,
                "beta_fast": 16.0,
                "beta_slow": 2.0,
                "truncate": False,
            },
        },
        torch.bfloat16,
        {"target_modules": ALL},
    ),
}


def randomise(model: torch.nn.Module) -> None:
    """Weights large enough that every part matters to the logits."""
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape)
        if name.endswith("norm.weight"):
            parameter.data = 1 + 0.3 * noise
        elif name.endswith("bias"):
            parameter.data = 0.3 * noise
        elif "embed" in name:
            parameter.data = 0.5 * noise
        else:
            parameter.data = noise * 1.2 / parameter.shape[1] ** 0.5


def cached_logits(model: torch.nn.Module, ids: torch.Tensor) -> torch.Tensor:
    """Logits of a prompt read in one step, then of token after token."""
    output = model(ids[:, :PREFILL_TOKENS], use_cache=True)
    rows = [output.logits[0]]
    for position in range(PREFILL_TOKENS, ids.shape[1]):
        output = model(ids[:, position : position + 1], past_key_values=output.past_key_values, use_cache=True)
        rows.append(output.logits[0])
    return torch.cat(rows)


def write_model(name: str, seed: int) -> None:
    config_class, model_class, own, dtype, lora = MODELS[name]
    folder = HERE / "testdata" / "models" / name
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(seed)
    model = model_class(config_class(**{**COMMON, **own}))
    randomise(model)
    model.to(dtype).save_pretrained(folder, max_shard_size="12KB" if name in ("llama-3", "qwen-2") else "1GB")

    model = model_class.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    ids = torch.randint(0, COMMON["vocab_size"], (1, PROMPT_TOKENS))
    tensors = {}
    with torch.no_grad():
        tensors["logits"] = model(ids).logits[0]
        tensors["cached_logits"] = cached_logits(model, ids)
        precise = model_class.from_pretrained(folder, dtype=torch.float64, attn_implementation="eager").eval()
        own_error = (precise(ids).logits[0] - tensors["logits"]).abs().max().item()

    adapted = get_peft_model(
        model,
        LoraConfig(r=2, lora_alpha=4, lora_dropout=0.0, task_type="CAUSAL_LM", base_model_name_or_path=name, **lora),
    )
    trained = {key: value for key, value in adapted.named_parameters() if value.requires_grad}
    for key, value in trained.items():
        value.data = 0.3 * torch.randn(value.shape)
    adapted.peft_config["default"].base_model_name_or_path = name  # not the folder of this machine
    adapted.save_pretrained(folder / "adapter")
    (folder / "adapter" / "README.md").unlink(missing_ok=True)
    # The name of a stored tensor is its parameter's without the adapter's own name.
    stored = {key: key.replace(".default", "") for key in trained}

    batch = torch.randint(0, COMMON["vocab_size"], TRAINING_SHAPE)
    with torch.no_grad():
        tensors["adapted_logits"] = adapted(ids).logits[0]
    optimiser = torch.optim.AdamW(trained.values(), lr=LEARNING_RATE, betas=(0.9, 0.98), eps=1e-8, weight_decay=0.0)
    loss = adapted(batch, labels=batch).loss
    loss.backward()
    for key, value in trained.items():
        tensors[f"gradient.{stored[key]}"] = value.grad.clone()
    norm = torch.nn.utils.clip_grad_norm_(trained.values(), 1.0)
    optimiser.step()
    if name == "llama-3":
        for key, value in trained.items():
            tensors[f"next.{stored[key]}"] = value.data
    # Of all weights: those that no adapter reaches, gains and biases; and both ends where the model is small.
    whole = model_class.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    whole.get_input_embeddings().padding_idx = None  # else the token with this id would learn nothing
    whole(batch, labels=batch).loss.backward()
    for key, value in whole.named_parameters():
        if value.dim() == 1 or (name in ("llama-biased", "qwen-3") and ("embed" in key or "lm_head" in key)):
            tensors[f"full.{key}"] = value.grad
    save_file({key: value.contiguous().float() for key, value in tensors.items()}, folder / "expected.safetensors")
    facts = {
        "ids": ids[0].tolist(),
        "prefillTokens": PREFILL_TOKENS,
        "batch": batch.tolist(),
        "learningRate": LEARNING_RATE,
        "loss": loss.item(),
        "gradientNorm": norm.item(),
        "largestErrorOfReference": own_error,
    }
    (folder / "expected.json").write_text(json.dumps(facts, indent=1) + "\n")
    print(name, f"loss {loss.item():.6f}", f"float32 against float64 {own_error:.2e}")


CORPUS = [
    "The quick brown fox jumps over the lazy dog, and the dog doesn't mind. It's 2024, or 1,234,567 years later.",
    "  def main(argc, argv):\n\treturn {'key': [1, 22, 333]}  # comment\r\n\r\n\n",
    "Häuser stehen in Zürich; naïve cafés, façade, Ελληνικά, Привет мир, 東京タワー, 안녕하세요, 😀👩‍👩‍👧.",
    "the theme of the thesis is that these things thicken; they're then there, I'll say, we've seen, he'd go.",
    "user assistant system hello world question answer one two three four five six seven eight nine ten",
] * 4

TEXTS = [
    "",
    " ",
    "the theme",
    "Hello, world!",
    "  indented\n\tlines\r\n\n\nend  ",
    "It's 12345678 and they're I'LL don't",
    "Häuser, cafés e\u0301 \u2126, 東京, 😀👩‍👩‍👧!",
    "Привет мир; Ελληνικά 안녕",
    "a<|eot|>b </s> <s>[INST] x [/INST]",
    "trailing space \u00a0\u3000 and ▁ underscore ▁▁",
    "\x00\x01\x7f\ufffd",
]

LLAMA_3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN_2 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
LLAMA_3_CHAT = (
    "{{- bos_token }}{%- for message in messages %}{{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'"
    " + message['content'] | trim + '<|eot_id|>' }}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{%- endif %}"
)
LLAMA_2_CHAT = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}"
    "{{ '[INST] ' + message['content'] + ' [/INST]' }}{% else %}{{ ' ' + message['content'] + ' ' + eos_token }}"
    "{% endif %}{% endfor %}"
)

MESSAGES = [
    {"role": "user", "content": " the first question? "},
    {"role": "assistant", "content": "An answer,\nover two lines."},
    {"role": "user", "content": "They're 2 more"},
]


def byte_level(split: str | None, normalizer=None, digits: bool = False) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    if split is not None:
        first = pre_tokenizers.Split(Regex(split), "isolated")
        parts = [first, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    else:
        parts = [pre_tokenizers.Digits(individual_digits=True)] if digits else []
        parts.append(pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(parts) if len(parts) > 1 else parts[0]
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def sentence_piece(first_only: bool) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    if first_only:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first", split=False)
    else:
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return tokenizer


TOKENIZERS = {
    "llama-3": (
        lambda: byte_level(LLAMA_3),
        ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
        {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"},
        LLAMA_3_CHAT,
    ),
    "qwen-2": (
        lambda: byte_level(QWEN_2, normalizers.NFC()),
        ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"},
        CHATML,
    ),
    "smollm": (
        lambda: byte_level(None, digits=True),
        ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>"},
        CHATML,
    ),
    "llama-2": (
        lambda: sentence_piece(first_only=False),
        ["<unk>", "<s>", "</s>"],
        {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"},
        LLAMA_2_CHAT,
    ),
    "mistral": (
        lambda: sentence_piece(first_only=True),
        ["<unk>", "<s>", "</s>", "[INST]", "[/INST]"],
        {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"},
        LLAMA_2_CHAT,
    ),
}


def write_tokenizer(name: str) -> None:
    build, special, named, template = TOKENIZERS[name]
    folder = HERE / "testdata" / "tokenizers" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tokenizer = build()
    is_byte_level = not tokenizer.model.byte_fallback
    byte_tokens = [] if is_byte_level else [f"<0x{byte:02X}>" for byte in range(256)]
    alphabet = pre_tokenizers.ByteLevel.alphabet() if is_byte_level else []
    trainer = trainers.BpeTrainer(
        vocab_size=400 if is_byte_level else 440,
        special_tokens=[*special, *byte_tokens],
        initial_alphabet=alphabet,
        limit_alphabet=300 if is_byte_level else 60,
        max_token_length=12,
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    file = json.loads(tokenizer.to_str())
    # Bytes are ordinary tokens of the model, as in files made from SentencePiece.
    file["added_tokens"] = [token for token in file["added_tokens"] if token["content"] not in byte_tokens]
    file["model"]["ignore_merges"] = name == "llama-3"
    (folder / "tokenizer.json").write_text(json.dumps(file, ensure_ascii=False, separators=(",", ":")) + "\n")
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False, **named}
    if name == "llama-3":
        (folder / "chat_template.jinja").write_text(template)
    else:
        config["chat_template"] = template
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n")

    loaded = PreTrainedTokenizerFast.from_pretrained(folder)
    cases = []
    for text in TEXTS:
        # Names of special tokens are text here: they are split off in the reference only where a template wrote them.
        loaded.split_special_tokens = True
        plain = Tokenizer.from_str(json.dumps({**file, "added_tokens": []}))
        ids = plain.encode(text, add_special_tokens=False).ids
        cases.append({"text": text, "ids": ids, "decoded": plain.decode(ids, skip_special_tokens=False)})
    loaded = PreTrainedTokenizerFast.from_pretrained(folder)
    rendered = loaded.apply_chat_template(MESSAGES, tokenize=False, add_generation_prompt=True)
    chat = {
        "messages": MESSAGES,
        "text": rendered,
        "ids": loaded(rendered, add_special_tokens=False)["input_ids"],
    }
    (folder / "expected.json").write_text(
        json.dumps({"cases": cases, "chat": chat}, ensure_ascii=False, indent=1) + "\n"
    )
    print("tokenizer", name, loaded.vocab_size, "tokens;", len(chat["ids"]), "tokens of a chat")


def write_export_reference() -> None:
    """Lets PEFT read the adapters that this package exported, and stores the logits that it gives with each."""
    for folder in sorted((HERE / "testdata" / "exported").iterdir()):
        base_folder = HERE / "testdata" / "models" / folder.name
        _, model_class, *_ = MODELS[folder.name]
        base = model_class.from_pretrained(base_folder, dtype=torch.float32, attn_implementation="eager")
        facts = json.loads((base_folder / "expected.json").read_text())
        adapted = PeftModel.from_pretrained(base, folder).eval()
        with torch.no_grad():
            logits = adapted(torch.tensor([facts["ids"]])).logits[0]
        save_file({"logits": logits.contiguous()}, folder / "expected.safetensors")
        print("exported adapter", folder.name, adapted.peft_config["default"].target_modules)


if __name__ == "__main__":
    if "exported" in sys.argv[1:]:
        write_export_reference()
    else:
        if "tokenizers" not in sys.argv[1:]:
            for index, model_name in enumerate(MODELS):
                write_model(model_name, seed=100 + index)
        if "models" not in sys.argv[1:]:
            for tokenizer_name in TOKENIZERS:
                write_tokenizer(tokenizer_name)
