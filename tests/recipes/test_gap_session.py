"""A training of a repairer that is taken up again."""

import pytest

from jobs.desk import Desk
from jobs.nets import gap_net
from jobs.nets.gap_fit import Plan, Training
from jobs.recipes import checkpoints
from jobs.recipes.gap_session import Session
from jobs.sound.guesses import RECORDED
from jobs.specs import TrainRepairer, make
from store import paths
from store.errors import Refusal
from tests.nets.gaps import SHAPE, gaps


def test_what_an_older_net_has_learned_is_not_gone_on_with_GAP_05(home):
    """One that heard no record has fewer weights: refused in a line, and what it has is left as it is."""
    desk, known = Desk("0b" * 6, paths.run("0b" * 6)), gaps(16)
    training = Training(gap_net.new("gates", SHAPE, 0), Plan())
    state = training.state_dict()
    for part in ("net", "average"):
        state[part] = {**state[part], "first.weight": state[part]["first.weight"][:, : -RECORDED[0]]}
    left = {"training": state, "best": 0.0, "waited": 0, "best_step": 0, "seconds": 1.0}
    path = checkpoints.save(desk.checkpoint, {**left, "ending": "", "judged": {}}, 50, True)
    content = path.read_bytes()
    with pytest.raises(Refusal, match="the checkpoint is of another version's net; train anew instead"):
        Session(make(TrainRepairer, sounds=("/x",)), desk, training, known, known, None)
    assert path.read_bytes() == content
