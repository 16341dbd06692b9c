"""What a model is worth: figures with intervals, beside the baselines that it has to beat.

The one door is `training.evaluation.metrics.evaluate`:

    from training.evaluation.metrics import evaluate

    found = evaluate(
        y_true,                 # [n] of 0 and 1: was there a need in this student-week
        probability,            # [n] in 0..1, of the network
        students,               # [n] anything hashable; rows of one student are drawn together
        weeks=weeks,            # [n] or None: the alert budget is spent week by week
        groups={"college": …},  # name -> [n], or one [n]; small cells are suppressed
        baselines={"logistic": …, "lightgbm": …},   # name -> [n]
        thresholds={"blue": …, "yellow": …, "orange": …},
        inputs=(names, matrix),                     # NaN is missing
        data="simulated",                           # or "campus", "table"
        prior=0.05,                                 # share of need in training: the majority guess
        seed=0,
    )
    training.report.write([found], context, folder)

Without people behind the rows, hand in the rows' numbers as `students`. `manifest_metrics` of
`training.evaluation.summary` gives the figures that a bundle's manifest carries.

`Evaluation` is frozen and JSON-able (`document(found)`). A figure is a value with its 95 %
interval. Nothing here needs more than numpy and msgspec; nothing draws, prints or reads a file.
"""
