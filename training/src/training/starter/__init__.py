"""From data sets to a bundle that scoring serves: `python -m training.starter`.

`tools/build_starter_bundle.py` calls it with data sets of simulated terms; a campus calls it with
its own (`--data campus`).
"""
