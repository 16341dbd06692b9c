"""Folds, teachers, search and bagging: from a table to the weights of one network."""
