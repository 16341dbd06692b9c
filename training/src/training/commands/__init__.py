"""The commands of `python -m training`: thin edges around the pure parts."""
