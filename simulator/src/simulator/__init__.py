"""A synthetic campus with ground truth: see the README of this member."""

from simulator.campus import Campus
from simulator.config import CampusConfig
from simulator.events import Chunk, DayEvents
from simulator.simulation import Simulation, simulate

__all__ = ["Campus", "CampusConfig", "Chunk", "DayEvents", "Simulation", "simulate"]
