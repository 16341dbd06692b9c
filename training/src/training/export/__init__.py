"""One ONNX file: preprocessing, ensemble, temperature and exact contributions.

`graph.build(recipe, weights, interface)` is the one way to make it; `interface` says which two
doors it may have and why.
"""
