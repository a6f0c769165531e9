"""Packages of the peers' names in a few lines: slow, and by the book."""

from __future__ import annotations

from pathlib import Path

ESTIMATOR = """
from PIL import Image
from transformers import AutoProcessor
"""
GRAPHS = """
import numpy as np

def similarity(answers):
    words = [set(answer.split()) for answer in answers]
    return np.array([[len(a & b) / len(a | b) for a in words] for b in words])

def laplacian(answers):
    weights = similarity(answers)
    root = np.diag(1 / np.sqrt(weights.sum(axis=1)))
    return np.eye(len(answers)) - root @ weights @ root

class Batch:
    def __init__(self, *ignored, **similarity_score):
        pass

    def __call__(self, stats):
        return np.array([self.one(answers) for answers in stats["sample_texts"]])
"""
DEGREE = """
from lm_polygraph.utils.common import Image
from lm_polygraph.estimators.graphs import Batch, similarity

class DegMat(Batch):
    def one(self, answers):
        return 1 - similarity(answers).sum() / len(answers) ** 2
"""
EIGENVALUES = """
import numpy as np
from lm_polygraph.estimators.graphs import Batch, laplacian

class EigValLaplacian(Batch):
    def one(self, answers):
        return np.maximum(0, 1 - np.linalg.eigvalsh(laplacian(answers))).sum()
"""
ECCENTRICITY = """
import numpy as np
from lm_polygraph.estimators.graphs import Batch, laplacian

class Eccentricity(Batch):
    def one(self, answers):
        values, vectors = np.linalg.eigh(laplacian(answers))
        kept = vectors[:, values < 0.9]
        return np.linalg.norm(kept - kept.mean(axis=0))
"""
ROUGE = """
from itertools import combinations
from lm_polygraph.estimators.graphs import Batch

def common(a, b):
    row = [0] * (len(b) + 1)
    for word in a:
        before = row[:]
        for place, other in enumerate(b):
            longest = max(row[place], before[place + 1])
            row[place + 1] = before[place] + 1 if word == other else longest
    return row[-1]

class LexicalSimilarity(Batch):
    def one(self, answers):
        pairs = list(combinations([answer.split() for answer in answers], 2))
        return -sum(2 * common(a, b) / (len(a) + len(b)) for a, b in pairs) / len(pairs)
"""
TOKENS = """
import math

class SingleLogprobsScorer:
    def evaluate(self, results):
        rows = [[token["logprob"] for token in row] for row in results]
        return {
            "min_probability": [math.exp(min(row)) for row in rows],
            "sequence_probability": [math.exp(sum(row) / len(row)) for row in rows],
        }
"""
TOPS = """
import math

def negentropy(top):
    weights = [math.exp(item["logprob"]) for item in top]
    shares = [weight / sum(weights) for weight in weights]
    return 1 + sum(share * math.log(share) for share in shares) / math.log(len(top))

def margin(top):
    return math.exp(top[0]["logprob"]) - math.exp(top[1]["logprob"])

class TopLogprobsScorer:
    def __init__(self, top_k_logprobs):
        pass

    def evaluate(self, results):
        tops = [[token["top_logprobs"] for token in row] for row in results]
        known = [[negentropy(top) for top in row] for row in tops]
        return {
            "mean_token_negentropy": [sum(row) / len(row) for row in known],
            "min_token_negentropy": [min(row) for row in known],
            "probability_margin": [sum(map(margin, row)) / len(row) for row in tops],
        }
"""
FILES = {
    "lm_polygraph/utils/common.py": ESTIMATOR,
    "lm_polygraph/estimators/graphs.py": GRAPHS,
    "lm_polygraph/estimators/deg_mat.py": DEGREE,
    "lm_polygraph/estimators/eig_val_laplacian.py": EIGENVALUES,
    "lm_polygraph/estimators/eccentricity.py": ECCENTRICITY,
    "lm_polygraph/estimators/lexical_similarity.py": ROUGE,
    "uqlm/white_box/single_logprobs.py": TOKENS,
    "uqlm/white_box/top_logprobs.py": TOPS,
    "lm_polygraph/__init__.py": "raise ImportError('this imports torch')",
}


def write_peers(folder: Path) -> Path:
    """The packages, in a folder."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
