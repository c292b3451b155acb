"""Writes a language model of about 100 kB that Ollama can really run, and that always gives the same readable answer.

It is a llama of one layer and 32 dimensions whose attention and feed-forward parts are zero, so that what comes out of
it depends on the last token alone. Each word of ANSWER has a dimension of its own, and the output matrix leads from
each to the next and at last to the end of text; every other token, whatever the question was, leads to the first.
"""

import gguf
import numpy as np

ANSWER = "I am a very small model, made for trying things out, but this answer is really mine."
DIMENSIONS = 32
UNKNOWN, BEGIN, END = 0, 1, 2
SPACE = "\u2581"  # how a sentencepiece vocabulary writes a space


def vocabulary():
    """Tokens and their types: three control tokens, all 256 bytes, then the words of the answer."""
    words = [SPACE + word for word in ANSWER.split()]
    if len(set(words)) != len(words) or len(words) >= DIMENSIONS:
        raise ValueError("every word of the answer must be another, and there are dimensions for %d" % (DIMENSIONS - 1))
    tokens = ["<unk>", "<s>", "</s>"] + ["<0x%02X>" % byte for byte in range(256)] + words
    types = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    types += [gguf.TokenType.BYTE] * 256 + [gguf.TokenType.NORMAL] * len(words)
    return tokens, types, len(words)


def write(path):
    tokens, types, words = vocabulary()
    first = len(tokens) - words

    embedding = np.zeros((len(tokens), DIMENSIONS), dtype=np.float32)
    output = np.zeros((len(tokens), DIMENSIONS), dtype=np.float32)
    embedding[:first, DIMENSIONS - 1] = 1
    output[first, DIMENSIONS - 1] = 20
    for number in range(words):
        embedding[first + number, number] = 1
        output[first + number + 1 if number + 1 < words else END, number] = 20

    out = gguf.GGUFWriter(path, "llama")
    out.add_name("sidecard-tiny")
    out.add_file_type(gguf.LlamaFileType.ALL_F32)
    out.add_context_length(512)
    out.add_embedding_length(DIMENSIONS)
    out.add_block_count(1)
    out.add_feed_forward_length(DIMENSIONS)
    out.add_head_count(1)
    out.add_head_count_kv(1)
    out.add_rope_dimension_count(DIMENSIONS)
    out.add_layer_norm_rms_eps(1e-6)
    out.add_vocab_size(len(tokens))
    out.add_tokenizer_model("llama")
    out.add_token_list(tokens)
    out.add_token_scores([0.0] * len(tokens))
    out.add_token_types(types)
    out.add_unk_token_id(UNKNOWN)
    out.add_bos_token_id(BEGIN)
    out.add_eos_token_id(END)
    out.add_add_bos_token(True)

    ones = np.ones(DIMENSIONS, dtype=np.float32)
    square = np.zeros((DIMENSIONS, DIMENSIONS), dtype=np.float32)
    out.add_tensor("token_embd.weight", embedding)
    out.add_tensor("output_norm.weight", ones)
    out.add_tensor("output.weight", output)
    out.add_tensor("blk.0.attn_norm.weight", ones)
    out.add_tensor("blk.0.ffn_norm.weight", ones)
    for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"):
        out.add_tensor("blk.0.%s.weight" % name, square)

    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
