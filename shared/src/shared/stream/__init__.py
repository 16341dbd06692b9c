"""The stream kit: one worker loop over small ports; only `kafka.py` knows aiokafka."""
