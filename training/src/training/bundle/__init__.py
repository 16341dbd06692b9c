"""Bundles of flat tables: a folder with one ONNX file, manifest, card, report and signature."""
