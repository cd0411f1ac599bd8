"""`python -m esreason` is the `esreason` command."""

from esreason.cli import main

if __name__ == "__main__":
    main()
