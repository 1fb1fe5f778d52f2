"""CodecDamage: what a lossy codec does to sound, without the codec's file."""

from __future__ import annotations

from typing import Any

from restorack.core.parameters import ChoiceParameter, FloatParameter
from restorack.degrade.codecs import gsm
from restorack.degrade.codecs.transform_codec import FORMATS, TransformCodec
from restorack.degrade.pipeline import Part, at_rate, resampled_latency
from restorack.degrade.unseeded import UnseededDegradation
from restorack.dsp.arrays import Rows


class CodecDamage(UnseededDegradation):
    """Code and decode the sound as MP3, AAC or a GSM telephone would.

    Bits are counted per channel: 64 kbit/s are an MP3's 128 in stereo. GSM has 13 kbit/s and a
    rate of 8 kHz, which leaves nothing above 4 kHz.

    Notes
    -----
    Models of the codecs, not the codecs: see
    :class:`~restorack.degrade.codecs.transform_codec.TransformCodec` and
    :class:`GsmCodec`. They have the transforms, block switching, masking,
    quantisers and bit budgets, and so their quantisation noise, pre-echo, holes and band limits;
    they need no other program, add no delay and give the same for every split.
    """

    codec = ChoiceParameter("mp3", ("mp3", "aac", "gsm"), description="What is modelled.")
    kbps_per_channel = FloatParameter(
        64.0,
        12.0,
        320.0,
        unit="kbit/s",
        description="Bit rate of one channel, for mp3 and aac.",
        logarithmic=True,
        automatable=False,
    )
    bandwidth_hz = FloatParameter(
        0.0,
        0.0,
        24_000.0,
        unit="Hz",
        description="What mp3 and aac keep of the band; 0 for what is usual at the bit rate.",
        automatable=False,
    )

    _coder: Part

    def predict_latency(self, sample_rate: float) -> int:
        """Return the latency in samples at a sample rate in Hz."""
        if self.codec == "gsm":
            return resampled_latency(sample_rate, gsm.RATE, gsm.LATENCY)
        return TransformCodec.latency(FORMATS[self.codec], sample_rate)

    def findings(self) -> dict[str, Any]:
        """Return the mean bit rate per channel and the share of frames with short windows."""
        coder = getattr(self, "_coder", None)
        if not isinstance(coder, TransformCodec) or coder.coded == 0:
            return {}
        return {
            "mean_kbps_per_channel": round(coder.mean_kbps(), 1),
            "switched_share": round(coder.switched / coder.coded, 3),
        }

    def summary(self) -> str:
        """Return the mean bit rate."""
        rate = self.findings().get("mean_kbps_per_channel")
        return "" if rate is None else f"coded at {rate:.0f} kbit/s a channel"

    def _begin(self, sample_rate: float, channels: int) -> None:
        if self.codec == "gsm":
            coder = gsm.GsmCodec(channels)
            self._coder = at_rate(coder, channels, sample_rate, gsm.RATE, gsm.LATENCY)
            return
        form = FORMATS[self.codec]
        self._coder = TransformCodec(
            channels, sample_rate, form, self.kbps_per_channel, self.bandwidth_hz
        )

    def _push(self, block: Rows) -> Rows:
        return self._coder.push(block)

    def _finish(self) -> Rows:
        return self._coder.finish()
