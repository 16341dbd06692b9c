"""What was tried on these tables, what helped and what did not; printed below the results."""

NOTES = """## What helped, and what did not

Figures are log-loss on rows of `train` that were held out in five folds, while this was built.

Helped:

- **A cross-fitted teacher and invented rows.** LightGBM and the logistic regression, fitted without
  a fold, answer four times as many rows as there are, each a real one with a quarter of its cells
  from another row; the fold's network learns these answers beside the labels. `weekly_behaviour`
  0.505 (linear path) to 0.484, its three-courses label 0.352 to 0.333, `lms_log` 0.282 to 0.271,
  `vle` 0.495 to 0.489. The network then does as well as its teacher or a little better.
- **A linear path that starts as the penalised logistic regression**, a hidden part that starts at
  nothing, one number of passes for all folds (where the mean loss of all folds is least).
- **Piecewise-linear inputs** (8 bins) where there are thousands of rows: `vle` 0.504 to 0.495
  already for the linear path, `lms_log` 0.294 to 0.282. With a few hundred rows they help one table
  and hurt another, so they are chosen by the held-out loss.
- **Bagging** five folds and, below 5,000 rows, three seeds a fold into one graph.

Did not help:

- A hidden part trained on the labels alone: on all tables below 5,000 rows the best pass was none
  or one (sigmoid, tanh and SiLU, weight decay 0.3 and 1): the linear path stayed what it was. On
  `vle` it gained, but less than with the teacher (0.496; 0.493 with the teacher on real rows alone;
  0.489 with invented rows and bins).
- The teacher on real rows alone, without invented ones: about half the gain.
- 16 bins instead of 8, a second hidden layer (96 and 32 units), on `vle`: the same loss within
  0.0002, and two layers have no closed form of the contributions.
- tanh instead of SiLU: on `lms_log` it did not learn from the teacher in the same number of passes.
"""
