"""Models of a few hundred numbers, written as ONNX files with real tokenizers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers, processors

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "paris", "rome", "is", "not", "the", "capital")
NLI_LABELS = ("contradiction", "entailment", "neutral")


def make_embedder(folder: Path, *, length: int | str = "length") -> Path:
    """A graph whose token vectors are a fixed table of |WORDS| by 4; `length` may be fixed."""
    table = np.random.default_rng(7).normal(size=(len(WORDS), 4)).astype(np.float32)
    gather = helper.make_node("Gather", ["table", "input_ids"], ["vectors"])
    return _written(folder, [gather], table, ["batch", length, 4], length)


def make_entailment(folder: Path, labels: Sequence[str] = NLI_LABELS) -> Path:
    """A classifier of pairs: `not` contradicts, `paris` entails, and other words say little."""
    table = np.zeros((len(WORDS), 3), dtype=np.float32)
    table[WORDS.index("not"), 0] = 4.0
    table[WORDS.index("paris"), 1] = 2.0
    table[WORDS.index("the"), 2] = 1.0
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["votes"]),
        helper.make_node("ReduceSum", ["votes", "axis"], ["logits"], keepdims=0),
    ]
    _written(folder, nodes, table, ["batch", 3])
    config = {"id2label": {str(place): label for place, label in enumerate(labels)}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def _written(
    folder: Path,
    nodes: list[onnx.NodeProto],
    table: NDArray[np.float32],
    shape: list[int | str],
    length: int | str = "length",
) -> Path:
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", length])],
        [helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.FLOAT, shape)],
        [
            numpy_helper.from_array(table, "table"),
            numpy_helper.from_array(np.array([1], dtype=np.int64), "axis"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(folder / "model.onnx"))
    _tokenizer().save(str(folder / "tokenizer.json"))
    return folder


def _tokenizer() -> Tokenizer:
    places = {word: place for place, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(places, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", WORDS.index("[CLS]")), ("[SEP]", WORDS.index("[SEP]"))],
    )
    return tokenizer
