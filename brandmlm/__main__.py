"""`python -m brandmlm`: the same as `brand-mlm`."""

from brandmlm.commands.app import main

if __name__ == "__main__":
    main()
