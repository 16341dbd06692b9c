"""Scores feature vectors with a verified ONNX bundle."""
