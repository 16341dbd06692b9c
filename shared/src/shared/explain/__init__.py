"""Contributions as plain sentences, in Chinese and English: what was seen, and what is usual.

`explain.sentences.sentence_of(indicator, value, usual)` says one thing about one student, for
example "breakfast on 2 of the last 14 days; usually 9". A sentence states facts about days, never
what they might mean: no word of health, no cause, no judgement.
"""
