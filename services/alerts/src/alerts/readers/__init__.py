"""Reads the policy's YAML."""
