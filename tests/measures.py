"""How near one sound is to another: the yardsticks of the representation's tests and benchmark."""

import auraloss
import torch
from torch import Tensor

SIZES = (512, 1024, 2048)


def sdr_db(estimate: Tensor, truth: Tensor) -> float:
    """Signal-to-distortion ratio, 10 log10 of power over power of the difference."""
    error = (estimate - truth).double().square().sum().clamp_min(1e-30)
    return float(10 * torch.log10(truth.double().square().sum() / error))


def mr_stft(estimate: Tensor, truth: Tensor) -> float:
    """Multi-resolution STFT loss as auraloss defines it, at 512, 1024 and 2048 samples."""
    loss = auraloss.freq.MultiResolutionSTFTLoss(
        fft_sizes=list(SIZES), hop_sizes=[size // 4 for size in SIZES], win_lengths=list(SIZES)
    )
    return float(loss(estimate[None, None], truth[None, None]))


def lsd_db(estimate: Tensor, truth: Tensor, size: int = 2048) -> float:
    """Log-spectral distance: per frame the rms of the difference in dB, down to -80 dB of the loudest bin."""
    window = torch.hann_window(size)
    spectra = [
        torch.stft(wave, size, size // 4, window=window, return_complex=True).abs()
        for wave in (estimate, truth)
    ]
    floor = spectra[1].max() * 1e-4
    first, second = (20 * torch.log10(spectrum.clamp_min(floor)) for spectrum in spectra)
    return float((first - second).square().mean(dim=0).sqrt().mean())
