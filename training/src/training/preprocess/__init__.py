"""From a table to the network's inputs: fitted on the training part, the same formulas in ONNX."""
