"""``python -m ocrfix``."""
from ocrfix.cli import main

if __name__ == "__main__":
    main(prog_name="ocrfix")
