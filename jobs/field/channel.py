"""One channel that repairs itself: nothing heavy when a block comes, the rest in chores between two blocks."""

from collections.abc import Callable, Iterator

import numpy as np

from jobs.field.directives import FADE, NET, REPEAT
from jobs.field.ladder import Ladder, Rung
from jobs.field.learning import EXPERTS, LASTING, QUICK, Learner
from jobs.field.net import Net
from jobs.field.quiet import Quiet
from jobs.field.tally import Tally
from jobs.sound.conceal import GONE, HELD, Concealer
from jobs.sound.filling import Filling, PitchRepetition, Repetition
from jobs.sound.forecast import Course, Forecast, Forecaster
from jobs.sound.guesses import told
