"""`python -m floatip`, from a bare checkout too."""

from floatip.cli import main

if __name__ == "__main__":
    main(prog_name="floatip")
