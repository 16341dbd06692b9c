"""What the members say to each other: the topics, and one msgspec type a message.

These types are the contract. JSON Schemas and the AsyncAPI document under docs/api are generated
from them, and golden samples under tests/contract keep old bytes readable for ever.
"""
