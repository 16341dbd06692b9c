"""The project's own parameters: rounded, chosen so that figures come out like a real campus's.

Hourly weights run from 0 h to 23 h; weekday factors from Monday to Sunday. Amounts are in yuan of
today. Nothing here is a row or a copy of anybody's records.
"""

import numpy as np

from simulator.table import Floats


def _weights(text: str) -> Floats:
    return np.array([float(part) for part in text.split()], dtype=np.float64)


CARD_WEEKDAY = _weights("1.12 1.14 1.12 1.06 0.94 0.78 0.86")
DOOR_WEEKDAY = _weights("1.02 1.00 1.00 1.00 1.04 0.98 0.96")
CAMPUS_GATE_WEEKDAY = _weights("0.90 0.88 0.88 0.92 1.12 1.20 1.10")
LIBRARY_WEEKDAY = _weights("0.95 0.97 0.97 1.02 0.94 1.08 1.07")
LEARNING_WEEKDAY = _weights("1.02 1.02 1.10 1.04 0.98 0.94 0.90")

WATER_HOURS = _weights(
    "1.6 .4 .1 0 0 0 1.6 5 5 5 5 3.5 4.8 3.7 3.8 3.3 3.8 4.2 6.2 4.5 4.7 11 15.8 7"
)
SHOWER_HOURS = _weights(".8 .1 0 0 0 0 .6 .8 .6 .6 .6 .8 1.4 1.5 1.6 2 4 6 7 7 11 20 22 11")
SHOP_HOURS = _weights("0 0 0 0 0 0 0 .3 1.5 3.2 7 6 9.5 4.5 3.8 4.2 9 9 10.5 6 6.5 12.5 6.3 .2")
TRANSPORT_HOURS = _weights("0 0 0 0 0 0 0 .8 4.2 4.2 7.5 4 8 7 7.3 6.6 15 11 12 7.2 4.2 .8 .2 0")
PRINTING_HOURS = _weights("0 0 0 0 0 0 0 0 .5 5.5 11.5 12 9.5 9.5 10 10.8 8.8 10 8 3.5 .4 0 0 0")
DOOR_OUT_HOURS = _weights("0 0 0 0 0 0 .12 8 9 12 5.5 3.6 2.6 5 5 5 2.8 2.2 6.2 11 6.2 5.5 3 1.6")
DOOR_IN_HOURS = _weights(
    "0 0 0 0 0 0 0 .6 3 5.4 4.6 3 4 6.6 3.4 3.8 2.8 2.6 8.6 8.2 9.2 17.5 13.4 3.2"
)
CAMPUS_GATE_HOURS = _weights("0 0 0 0 0 .1 1 4 6 6 6 6 6 5 5 5 6 8 9 8 7 6 4 1.9")
LIBRARY_HOURS = _weights("0 0 0 0 0 0 0 2.5 11.5 7 6 4 7.5 5.5 6.6 6.2 6.3 6.5 14 11 3.6 1.6 .2 0")
LEARNING_HOURS = _weights(
    "1.7 .5 .2 0 0 0 .2 .6 2 3.2 4.2 3.8 3.4 3.6 4.5 4.8 6.4 4.6 7.6 10 10 9.6 11.2 7.9"
)

# breakfast, lunch, dinner, late: centre and spread of the hour, chance on an active day, price
MEAL_HOURS = _weights("8.0 11.75 17.6 21.2")
MEAL_SPREAD_PERSON = _weights("0.30 0.38 0.30 0.45")
MEAL_SPREAD_DAY = _weights("0.45 0.42 0.50 0.55")
MEAL_EARLIEST = _weights("6.3 10.1 16.1 20.2")
MEAL_LATEST = _weights("9.9 13.8 19.8 23.5")
MEAL_CHANCE = _weights("0.46 0.67 0.50 0.035")
MEAL_PERSON_SD = _weights("1.00 0.80 0.90 0.80")
SWIPES_BEYOND_FIRST = _weights("0.58 0.52 0.50 0.15")
MEAL_PRICE_LN = _weights("1.20 1.80 1.75 1.75")
MEAL_PRICE_SD = 0.62

# name, mean an active day, spread between students (ln), hours, price (ln mean, ln sd), devices
SERVICES: tuple[tuple[str, float, float, Floats, float, float, int], ...] = (
    ("water", 1.35, 0.65, WATER_HOURS, -2.2, 1.1, 60),
    ("shower", 0.45, 0.60, SHOWER_HOURS, 0.55, 0.45, 40),
    ("shop", 0.31, 0.80, SHOP_HOURS, 2.45, 0.80, 12),
    ("transport", 0.135, 0.80, TRANSPORT_HOURS, 0.70, 0.45, 8),
    ("library", 0.04, 0.80, LIBRARY_HOURS, 1.30, 0.80, 4),
    ("printing", 0.03, 0.70, PRINTING_HOURS, 0.80, 1.10, 6),
    ("other", 0.02, 0.60, SHOP_HOURS, 2.00, 0.90, 6),
)
SERVICE_K = 1.3

CARD_NEVER = 0.09
CARD_RARE = 0.19
CARD_RARE_LOGIT = -3.3
CARD_ACTIVE_LOGIT = 3.0
CARD_ACTIVE_SD = 1.25
CARD_STOP_A_DAY = 0.0005
CARD_RESUME_A_DAY = 0.0012
CARD_REDRAWN_AT_TERM = 0.6
CARD_ON = 0.78
INTENSITY_SD = 0.30

DOOR_TRIPS = 1.85
DOOR_SD = 0.40
DOOR_K = 10.0
DOOR_MISSED = 0.07
DENIED = 0.004
LATE_RETURNERS = 0.43
LATE_RETURN_A_DAY = 0.075
EARLY_LEAVERS = 0.37
EARLY_LEAVE_A_DAY = 0.045
CAMPUS_GATE_TRIPS = 0.40
CAMPUS_GATE_SD = 0.50
CAMPUS_GATE_K = 0.9

LIBRARY_VISITS = 0.33
LIBRARY_SD = 0.85
LIBRARY_USERS = 0.95
LIBRARY_K = 1.1
LIBRARY_STAY_LN = 0.75
LIBRARY_STAY_SD = 0.60
LIBRARY_EXIT_SEEN = 0.9
LOAN_VISITS = 0.03
LOAN_SD = 1.0

SESSION_DAY_CHANCE = 0.50
SESSION_EVENING_CHANCE = 0.62
BEDTIME = 23.7
BEDTIME_PERSON_SD = 0.75
BEDTIME_DAY_SD = 0.65

LEARNING_SITTINGS = 0.42
LEARNING_SD = 0.55
LEARNING_K = 0.8
LEARNING_MORE = 1.7

LAB_SHARE = 0.6
LAB_SIGN_IN = 0.42
CLASSES_A_WEEK = 2.0
ABSENCE_LOGIT = -2.4
CONTACT_A_DAY = 0.085
LITERATURE_A_DAY = 0.035
MILESTONES_A_DAY = 0.002
COURSES_A_TERM = 3

# sequential state
WEEKLY_MEMORY = 0.85
WEEKLY_SD = 0.50
