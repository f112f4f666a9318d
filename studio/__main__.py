"""``woodshed`` and ``python -m studio``: no argument opens the studio, anything else is a command."""

import sys

__version__ = "0.1.0"


def main() -> int:
    """Exit code. Each front is imported only when it is the one that was asked for."""
    if sys.argv[1:] == ["--version"]:
        print(f"woodshed {__version__}")
        return 0
    if sys.argv[1:]:
        from studio import cli

        return cli.main(sys.argv[1:])
    return studio()


def studio() -> int:
    """Open the studio; without a terminal say so in one line."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        print("woodshed: the studio needs a terminal; `woodshed --help` lists the commands", file=sys.stderr)
        return 2
    from studio.app import main as open_studio

    return open_studio() or 0


if __name__ == "__main__":
    sys.exit(main())
