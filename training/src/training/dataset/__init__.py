"""Point-in-time tables from the feature service's history, and the check against leaks (no torch).

`lantern dataset build` makes `train.csv`, `valid.csv`, `test.csv`, `index.csv` and `dataset.json`;
`lantern dataset check` looks at any flat table. Another module checks tables it has read with

    from training.dataset.leaks import Columns, check, refused
    findings = check({"train": columns, "valid": others}, Columns(id="id", label="y"))

How far back: the service keeps a moment at the first tick of each campus day, for `KEEP_DAYS` (400)
days, beside its ring of 120. A vector can be computed for any of those mornings, exactly as it was
then. Between two mornings, before the first one kept, or on an installation that ran with
`LANTERN_FEATURES_HISTORY=false`, it cannot, and the command says which days it can do.
"""
