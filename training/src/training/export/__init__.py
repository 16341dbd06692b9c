"""One ONNX file: preprocessing, ensemble, temperature and exact contributions."""
