"""The representation, training, playing and the sliders, each beside what it replaces.

The peers run in the same process on the same sounds: mel 128 with Griffin-Lim for the way back to
audio, granular shuffle for speed of generation.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
import torchaudio

from jobs.nets import excerpts, quality
from jobs.nets.analysis import analyse
from jobs.nets.fit import Plan, Training, fit
from jobs.nets.instrument import Instrument
from jobs.nets.losses import Statistics
from jobs.nets.request import Request
from jobs.nets.vae import Shape, Vae
from jobs.sound import bands, phase, spectrum
from jobs.sound import tape as tapes
from jobs.sound.resample import Resampler
from tests import baselines, sounds
from tests.measures import lsd_db, mr_stft, sdr_db

KINDS = tuple(sounds.KINDS)
MEL = torchaudio.transforms.MelSpectrogram(
    48_000, 2048, hop_length=512, n_mels=128, power=1.0, norm="slaney", mel_scale="slaney"
)


def cpu_seconds(work: Callable[[], object], rounds: int = 5) -> float:
    """Median CPU time of ``work`` on one thread, after one run that compiles and loads."""
    torch.set_num_threads(1)
    work()
    times = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return statistics.median(times)


def wall_seconds(work: Callable[[], object], rounds: int = 5) -> float:
    """Median wall time of ``work`` on two threads."""
    torch.set_num_threads(2)
    work()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def ours(wave: torch.Tensor) -> torch.Tensor:
    found = bands.features(wave)
    return back(found, len(wave))


def back(found: torch.Tensor, samples: int) -> torch.Tensor:
    magnitude = bands.magnitude(found[0])
    angle = phase.integrate(magnitude, bands.deviation(found[1]))
    return spectrum.istft(spectrum.polar(magnitude, angle), samples)


def griffin_lim(mel: torch.Tensor, samples: int) -> torch.Tensor:
    """The earlier way: mel 128 -> least-squares linear magnitude -> 32 iterations."""
    torch.manual_seed(0)
    bank_ = MEL.mel_scale.fb
    linear = torch.linalg.lstsq(bank_.T, mel, driver="gelsd").solution.clamp_min(0)
    return torchaudio.functional.griffinlim(
        linear, torch.hann_window(2048), 2048, 512, 2048, 1.0, 32, 0.99, samples, True
    )


def round_trips() -> Iterator[dict]:
    waves = [torch.from_numpy(sounds.make(kind, 2.0)) for kind in KINDS]
    exact = []
    for wave in waves:
        found = spectrum.stft(wave)
        first, turned = spectrum.instantaneous_frequency(found)
        again = spectrum.polar(found.abs(), spectrum.phase_by_sum(first, turned))
        exact.append(sdr_db(spectrum.istft(again, len(wave)), wave))
    yield row("linear bins, round trip, least of ten kinds", f"{min(exact):.0f} dB", note="goal >= 120 dB")
    mine = [ours(wave) for wave in waves]
    theirs = [griffin_lim(MEL(wave), len(wave)) for wave in waves]
    for name, measure, note in (("MR-STFT", mr_stft, "goal <= 0.60"), ("LSD dB", lsd_db, "goal <= 3.2")):
        us, peer = (
            statistics.median(measure(a, b) for a, b in zip(some, waves, strict=True))
            for some in (mine, theirs)
        )
        yield row(
            f"384 bands, round trip, {name}, median of ten kinds", f"{us:.2f}", f"{peer:.2f}", peer / us,
            f"peer: mel 128 + Griffin-Lim 32; {note}",
        )  # fmt: skip
    wave = torch.from_numpy(sounds.make("mix", 4.0))
    found, mel = bands.features(wave), MEL(wave)
    us = cpu_seconds(lambda: back(found, len(wave))) / 4
    peer = cpu_seconds(lambda: griffin_lim(mel, len(wave)), 1) / 4
    yield row(
        "bands to audio by heap, CPU per s of audio", f"{us * 1e3:.0f} ms", f"{peer * 1e3:.0f} ms", peer / us,
        "peer: mel 128 + Griffin-Lim 32; goal <= 50 ms",
    )  # fmt: skip


def tape_of(folder: Path, count: int, seconds: float) -> tapes.Tape:
    names = [(f"{i}.wav", str(i)) for i in range(count)]
    list(tapes.build(folder, names, lambda i: sounds.make(KINDS[i % len(KINDS)], seconds, i)[None]))
    found = tapes.load(folder, names)
    assert found is not None
    return found


def training(tape: tapes.Tape, batch: int = 8) -> tuple[Iterator[dict], Training, Statistics, int]:
    split = excerpts.split(tape, 0)
    described = Statistics.of(tape.features[:, :, split.train])
    torch.manual_seed(0)
    epoch = excerpts.steps_in_epoch(split, batch)
    state = Training(Vae(Shape()), Plan(steps=10_000, epoch=epoch, batch=batch))
    return fit(state, excerpts.Drawing(tape, split), described), state, described, epoch


def training_rows(tape: tapes.Tape) -> Iterator[dict]:
    steps, state, _, epoch = training(tape)
    seconds = state.plan.batch * excerpts.LENGTH / spectrum.FRAMES_PER_SECOND
    one = cpu_seconds(lambda: next(steps)) * 12 / seconds
    two = wall_seconds(lambda: next(steps))
    yield row("train step, 12 s of audio, CPU on 1 thread", f"{one:.2f} s", note="goal <= 0.15 s")
    yield row("train step, 12 s of audio, 2 threads", f"{two * 12 / seconds:.2f} s")
    whole = seconds * epoch
    yield row(
        "epoch of 20 x 5 s, fp32, 2 threads", f"{two * 100 / seconds:.2f} s",
        note=f"goal <= 1.5 s; measured on steps of {whole / epoch:.1f} s",
    )  # fmt: skip


def playing_rows(tape: tapes.Tape) -> Iterator[dict]:
    steps, state, described, _ = training(tape)
    for _ in range(60):
        next(steps)
    torch.set_num_threads(2)
    split = excerpts.split(tape, 0)
    began, burnt = time.perf_counter(), time.process_time()
    instrument = analyse(state.average, described, tape)
    report = quality.report(instrument, tape, split)
    wall, cpu = time.perf_counter() - began, time.process_time() - burnt
    yield row(
        "analysis after training, 20 x 5 s", f"{wall:.1f} s",
        note=f"goal <= 5 s; {cpu:.1f} CPU s, {report['seconds']:.1f} of them the quality report",
    )  # fmt: skip
    take = instrument.take(Request(4.0, seed=2))[0]
    of_take = cpu_seconds(lambda: quality.of_take(take, spectrum.RATE, instrument))
    yield row("quality of a take of 4 s, CPU", f"{of_take * 1e3:.0f} ms", note="goal <= 50 ms")
    request = Request(8.0, seed=1)
    plan = instrument.plan(request)
    us = cpu_seconds(lambda: list(instrument.play(request, plan))) / 8
    shuffle = baselines.granular(tape, split).take
    peer = cpu_seconds(lambda: shuffle(0, 8.0)) / 8
    yield row(
        "decode + render with carrier, CPU per s", f"{us * 1e3:.0f} ms", f"{peer * 1e3:.1f} ms", peer / us,
        "peer: granular shuffle, no model; goal <= 60 ms",
    )  # fmt: skip
    heap = Request(8.0, seed=1, render="heap")
    us = cpu_seconds(lambda: list(instrument.play(heap, plan))) / 8
    yield row("decode + render by heap, CPU per s", f"{us * 1e3:.0f} ms", note="goal <= 60 ms")
    moved = [Request(4.0, 1, (("brightness", p),)) for p in (20.0, 50.0, 80.0)]
    solve = statistics.median(wall_seconds(lambda r=r: instrument.plan(r), 3) for r in moved)
    yield row(
        "slider solved for a take of 4 s, 2 threads", f"{solve:.2f} s", note="first audio follows at once"
    )
    yield preview_row(instrument)


def preview_row(instrument: Instrument) -> dict:
    """What is heard while a hand is on a slider, planned from what was heard before."""
    base = Request(4.0, 1, quick=True)
    began, steps = time.perf_counter(), 0
    while instrument.prepare(base):
        steps += 1
    prepared = time.perf_counter() - began
    times = []
    for axis in (name for name, scale in instrument.scales.items() if scale.available):
        for position in (10.0, 35.0, 65.0, 90.0):
            began = time.perf_counter()
            instrument.take(Request(4.0, 1, ((axis, position),), stereo=axis == "width", quick=True))
            times.append(time.perf_counter() - began)
    middle, late = np.quantile(times, [0.5, 0.95]) * 1e3
    return row(
        "slider moved -> preview of 4 s, prepared, p50 / p95", f"{middle:.0f} / {late:.0f} ms",
        note=f"goal <= 300 ms; prepared in {prepared:.1f} s, {steps} steps while no job waits",
    )  # fmt: skip


def alias_db(resample: Callable[[np.ndarray], np.ndarray]) -> float:
    """The loudest that is left of tones between 22.3 and 23.8 kHz at 44.1 kHz, where none may be."""
    left = []
    for hertz in np.linspace(22_300, 23_800, 7):
        tone = np.sin(2 * np.pi * hertz / 48_000 * np.arange(96_000)).astype(np.float32)
        heard = resample(tone)[11_025:-11_025].astype(np.float64)
        left.append(20 * np.log10(np.sqrt(2 * np.square(heard).mean()) + 1e-12))
    return max(left)


def soxr_vhq(wave: np.ndarray) -> np.ndarray:
    stream = Resampler(48_000, 44_100, 1)
    return np.concatenate([stream.process(wave[None]), stream.tail()], axis=1)[0]


def resampling_rows() -> Iterator[dict]:
    def peer(wave: np.ndarray) -> np.ndarray:
        return torchaudio.functional.resample(torch.from_numpy(wave), 48_000, 44_100).numpy()

    yield row(
        "aliases of 48 -> 44.1 kHz", f"{alias_db(soxr_vhq):.0f} dB", f"{alias_db(peer):.1f} dB",
        note="peer: torchaudio's default; goal <= -120 dB",
    )  # fmt: skip


def row(figure: str, ours: str, peer: str = "", ratio: float | None = None, note: str = "") -> dict:
    return {
        "figure": figure,
        "ours": ours,
        "peer": peer,
        "ratio": "" if ratio is None else f"{ratio:.2g}",
        "note": note,
    }


def rows() -> list[dict]:
    with tempfile.TemporaryDirectory() as folder:
        tape = tape_of(Path(folder), 20, 5.0)
        return [*round_trips(), *resampling_rows(), *training_rows(tape), *playing_rows(tape)]
