"""``woodshed`` and ``python -m studio``: no argument opens the studio, anything else is a command."""

import sys


def main() -> int:
    """Exit code. Each front is imported only when it is the one that was asked for."""
    arguments = sys.argv[1:]
    if arguments in (["--help"], ["--version"]):
        from studio import usage

        print(f"woodshed {usage.VERSION}" if arguments == ["--version"] else usage.text().rstrip())
        return 0
    if arguments:
        from studio import cli

        return cli.main(arguments)
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
