"""The stream edge: feature vectors in, assessments out; verdicts in, labels kept."""
