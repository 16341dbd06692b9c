"""The BP network: a linear path and a hidden part, many members trained side by side."""
