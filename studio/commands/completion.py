"""``woodshed completion``."""

import click

from studio.commands.base import Front, verb, with_front


@verb(
    'eval "$(woodshed completion bash)"\nwoodshed completion fish > ~/.config/fish/completions/woodshed.fish',
    name="completion",
    help="The lines that teach a shell to complete commands, options, and their choices.",
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@with_front
def command(front: Front, shell: str) -> None:
    from click.shell_completion import get_completion_class

    from studio.cli import woodshed

    kind = get_completion_class(shell)
    assert kind is not None  # the three that click has of its own
    script = kind(woodshed, {}, "woodshed", "_WOODSHED_COMPLETE").source()
    front.give({"shell": shell, "script": script}, lambda: print(script))
