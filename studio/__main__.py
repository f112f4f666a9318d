"""``woodshed`` and ``python -m studio``: no argument opens the studio, anything else is a command."""

import contextlib
import os
import sys


def main() -> int:
    """Exit code. Each front is imported only when it is the one that was asked for."""
    arguments = sys.argv[1:]
    if arguments in (["--help"], ["--version"]):
        from studio import usage

        text = f"woodshed {usage.VERSION}\n" if arguments == ["--version"] else usage.text()
        # Not print: what is left in its buffer would complain when the reader (head, less) has gone.
        with contextlib.suppress(BrokenPipeError):
            os.write(1, text.encode())
        return 0
    if arguments == ["--low-bandwidth"]:
        return studio(low=True)
    if arguments:
        from studio import cli

        return cli.main(arguments)
    return studio()


def studio(low: bool = False) -> int:
    """Open the studio; without a terminal say so in one line."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        print("woodshed: the studio needs a terminal; `woodshed --help` lists the commands", file=sys.stderr)
        return 2
    from studio.app import main as open_studio

    return open_studio(low) or 0


if __name__ == "__main__":
    sys.exit(main())
