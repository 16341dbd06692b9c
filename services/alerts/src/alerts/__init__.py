"""Decides, routes and delivers alerts."""
