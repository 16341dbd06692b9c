"""One module a command group; `cli.main` joins them."""
