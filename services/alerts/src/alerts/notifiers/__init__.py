"""Channels, one file each. Each reads the provider's answer; none decides who is told, or when."""
