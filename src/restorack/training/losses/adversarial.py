"""Adversarial losses and the discriminator that listens: several resolutions of the STFT."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

Scores = list[Tensor]
"""One map of scores for each resolution."""


class SpectrogramDiscriminator(nn.Module):
    """Tell clean from restored audio at several resolutions of the complex STFT.

    Parameters
    ----------
    frames : sequence of int
        Frame lengths in samples; hops are a quarter.
    width : int
        Channels.

    References
    ----------
    A. Defossez et al., "High fidelity neural audio compression", 2022 (the multi-scale STFT
    discriminator).
    """

    def __init__(self, frames: Sequence[int] = (2048, 1024, 512), width: int = 16) -> None:
        super().__init__()
        self.scales = nn.ModuleList(_Scale(frame, width) for frame in frames)

    def forward(self, audio: Tensor) -> Scores:
        """Return scores of audio of shape (batch, samples), larger where it seems clean."""
        return [heard[-1] for heard in self.features(audio)]

    def features(self, audio: Tensor) -> list[list[Tensor]]:
        """Return what each layer of each scale hears, the scores last."""
        return [scale(audio) for scale in self.scales]


class _Scale(nn.Module):
    window: Tensor

    def __init__(self, frame: int, width: int) -> None:
        super().__init__()
        self.frame = frame
        self.register_buffer("window", torch.hann_window(frame), persistent=False)
        layers = [_convolution(2, width, (3, 9))]
        layers += [_convolution(width, width, (3, 9), stride=2, far=far) for far in (1, 2, 4)]
        self.layers = nn.ModuleList([*layers, _convolution(width, width, (3, 3))])
        self.last = _convolution(width, 1, (3, 3))

    def forward(self, audio: Tensor) -> list[Tensor]:
        spectra = torch.stft(
            audio.float(),
            self.frame,
            self.frame // 4,
            window=self.window,
            normalized=True,
            return_complex=True,
        )
        # (batch, real and imaginary, frames, bins)
        x = torch.view_as_real(spectra).permute(0, 3, 2, 1)
        heard = []
        for layer in self.layers:
            x = functional.leaky_relu(layer(x), 0.2)
            heard.append(x)
        return [*heard, self.last(x)]


def _convolution(
    taken: int, given: int, kernel: tuple[int, int], stride: int = 1, far: int = 1
) -> nn.Module:
    """Return a weight-normalised convolution, strided over bins, dilated over frames."""
    padding = (far * (kernel[0] // 2), kernel[1] // 2)
    layer = nn.Conv2d(taken, given, kernel, stride=(1, stride), dilation=(far, 1), padding=padding)
    normed: nn.Module = nn.utils.parametrizations.weight_norm(layer)
    return normed


def discriminator_loss(clean: Scores, made: Scores) -> Tensor:
    """Return the hinge loss of a discriminator: ``max(0, 1 - clean) + max(0, 1 + made)``."""
    each = [
        functional.relu(1.0 - real).mean() + functional.relu(1.0 + fake).mean()
        for real, fake in zip(clean, made, strict=True)
    ]
    return torch.stack(each).mean()


def adversarial_loss(made: Scores) -> Tensor:
    """Return the hinge loss of what is to pass for clean: ``max(0, 1 - made)``."""
    return torch.stack([functional.relu(1.0 - fake).mean() for fake in made]).mean()
