"""Models that metrics may use: ONNX graphs and their tokenizers, from a folder or a hub."""
