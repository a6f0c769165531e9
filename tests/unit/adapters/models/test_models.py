"""Embeddings and entailment from ONNX files: shapes, orders, labels, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from plimsoll.adapters.models.embedder import OnnxEmbedder
from plimsoll.adapters.models.entailment import OnnxEntailment
from plimsoll.adapters.models.files import ModelFiles, locate
from plimsoll.domain.errors import ConfigurationError
from plimsoll.settings.models import ModelSettings
from tests.support.tiny_models import WORDS, make_embedder, make_entailment

TEXTS = ["paris is the capital", "rome", "", "paris", "rome is not the capital", "rome"]


def files_of(folder: Path) -> ModelFiles:
    """A model's files, as settings name the folder."""
    found = locate(ModelSettings(), str(folder), "")
    assert found is not None
    return found


def embedder(folder: Path, **settings: int) -> OnnxEmbedder:
    """An embedder of that folder."""
    return OnnxEmbedder(files_of(folder), ModelSettings.model_validate(settings))


def test_vectors_are_means_of_tokens_and_of_length_one(tmp_path: Path) -> None:
    """A text's vector is the normalised mean of its tokens' rows, [CLS] and [SEP] included."""
    vectors = embedder(make_embedder(tmp_path)).embed(TEXTS)
    table = np.random.default_rng(7).normal(size=(len(WORDS), 4)).astype(np.float32)
    tokens = [WORDS.index(word) for word in ("[CLS]", "paris", "is", "the", "capital", "[SEP]")]
    expected = table[tokens].astype(np.float64).mean(axis=0)
    assert vectors.shape == (6, 4)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0)
    assert np.allclose(vectors[0], expected / np.linalg.norm(expected), atol=1e-6)


@pytest.mark.parametrize("batch_size", [1, 3])
def test_the_order_of_texts_does_not_matter(tmp_path: Path, batch_size: int) -> None:
    """The same texts in another order give the same vectors, bit for bit."""
    model = embedder(make_embedder(tmp_path), batch_size=batch_size)
    forward, backward = model.embed(TEXTS), model.embed(TEXTS[::-1])
    assert forward.tobytes() == backward[::-1].copy().tobytes()
    assert forward[1].tobytes() == forward[5].tobytes()


def test_a_graph_of_one_length_is_filled_up(tmp_path: Path) -> None:
    """Where a graph takes eight tokens and no other number, padding does not count in the mean."""
    free, fixed = make_embedder(tmp_path / "a"), make_embedder(tmp_path / "b", length=8)
    assert np.allclose(embedder(free).embed(TEXTS), embedder(fixed).embed(TEXTS))


def test_the_first_token_is_taken_where_the_model_says_so(tmp_path: Path) -> None:
    """With 1_Pooling for the first token, every text has the vector of [CLS]."""
    folder = make_embedder(tmp_path)
    pooling = folder / "1_Pooling" / "config.json"
    pooling.parent.mkdir()
    pooling.write_text('{"pooling_mode_cls_token": true}')
    vectors = embedder(folder).embed(["paris", "rome"])
    assert vectors[0].tolist() == vectors[1].tolist()
    pooling.write_text('{"pooling_mode_max_tokens": true}')
    with pytest.raises(ConfigurationError, match="neither by mean nor by its first token"):
        embedder(folder)


def test_no_text_and_odd_text_do_no_harm(tmp_path: Path) -> None:
    """No text gives no row; lone surrogates and very long texts give vectors like all others."""
    model = embedder(make_embedder(tmp_path), max_tokens=8)
    assert len(model.embed([])) == 0
    assert np.isfinite(model.embed(["\ud800", "paris " * 100_000])).all()


@pytest.mark.parametrize(
    "labels",
    [("contradiction", "entailment", "neutral"), ("ENTAILMENT", "Contradiction", "neutral")],
)
def test_labels_are_read_and_never_assumed(tmp_path: Path, labels: Sequence[str]) -> None:
    """The same outputs mean what config.json calls them, whatever their order."""
    model = OnnxEntailment(files_of(make_entailment(tmp_path, labels)), ModelSettings())
    denied, said = model.judge([("paris", "not not"), ("paris", "paris")])
    by_place = {label.lower(): place for place, label in enumerate(labels)}
    logits = np.array([4.0 * 2, 2.0, 0.0])
    shares = np.exp(logits) / np.exp(logits).sum()
    assert np.isclose(denied.contradicts, shares[by_place["contradiction"]])
    assert np.isclose(denied.entails, shares[by_place["entailment"]])
    assert np.isclose(said.entails + said.neutral + said.contradicts, 1.0)


@pytest.mark.parametrize("labels", [("LABEL_0", "LABEL_1", "LABEL_2"), ("entailment", "neutral")])
def test_outputs_without_names_are_refused(tmp_path: Path, labels: Sequence[str]) -> None:
    """A model that does not say which output is which stops the start."""
    files = files_of(make_entailment(tmp_path, labels))
    with pytest.raises(ConfigurationError, match="nobody knows which output is which"):
        OnnxEntailment(files, ModelSettings())


def test_the_order_of_pairs_does_not_matter(tmp_path: Path) -> None:
    """Answers stand in the order of the pairs, and are the same in any order."""
    model = OnnxEntailment(files_of(make_entailment(tmp_path)), ModelSettings())
    pairs = [(a, b) for a in TEXTS for b in TEXTS]
    assert list(model.judge(pairs)) == list(model.judge(pairs[::-1]))[::-1]


def test_the_name_changes_with_the_files(tmp_path: Path) -> None:
    """Provenance tells models apart by what is in their files."""
    one, other = make_embedder(tmp_path / "m"), make_embedder(tmp_path / "n", length=8)
    assert files_of(one).name.startswith("m@")
    assert files_of(one).name.partition("@")[2] != files_of(other).name.partition("@")[2]


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    """Neither a folder, nor in the local cache, nor complete: each is a mistake that is told."""
    with pytest.raises(ConfigurationError, match="neither a folder nor a hub ID"):
        locate(ModelSettings(), str(tmp_path / "no-such-folder"), "")
    with pytest.raises(ConfigurationError, match=r"there is no model\.onnx"):
        locate(ModelSettings(), str(tmp_path), "")
    with pytest.raises(ConfigurationError, match=r"not in the local cache; set models\.download"):
        locate(ModelSettings(cache_dir=tmp_path), "some/model", "")
    assert locate(ModelSettings(), "", "") is None


def test_a_broken_config_is_named(tmp_path: Path) -> None:
    """Without id2label nothing is guessed."""
    folder = make_entailment(tmp_path)
    (folder / "config.json").write_text(json.dumps({"hidden": 3}))
    with pytest.raises(ConfigurationError, match="has no id2label"):
        OnnxEntailment(files_of(folder), ModelSettings())
