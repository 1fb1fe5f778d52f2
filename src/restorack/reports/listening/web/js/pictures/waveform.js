// The waveform: of the whole from the peaks that came with the page, in detail from the samples.

import { bytesOf } from "../page_data.js";
import { colour, surface } from "./surface.js";

const peaksOf = new WeakMap();

function storedPeaks(track) {
  if (!peaksOf.has(track)) peaksOf.set(track, new Int8Array(bytesOf(track.peaks).buffer));
  return peaksOf.get(track);
}

// Lowest and highest value of each column of the view, -1 to 1.
export function columnPeaks(audio, view, width) {
  const low = new Float32Array(width);
  const high = new Float32Array(width);
  const stored = storedPeaks(audio.track);
  const columns = stored.length / 2;
  const perPixel = view.span / width;
  const fromSamples = perPixel < audio.track.samples / columns;
  for (let x = 0; x < width; x += 1) {
    const first = view.first + Math.floor(x * perPixel);
    const last = Math.max(first + 1, view.first + Math.floor((x + 1) * perPixel));
    const found = fromSamples ? samplePeak(audio, first, last) : null;
    const [lowest, highest] = found ?? storedPeak(stored, audio.track.samples, first, last);
    low[x] = lowest;
    high[x] = highest;
  }
  return { low, high };
}

function storedPeak(stored, samples, first, last) {
  const columns = stored.length / 2;
  const from = Math.max(0, Math.min(columns - 1, Math.floor((first / samples) * columns)));
  const to = Math.max(from + 1, Math.min(columns, Math.ceil((last / samples) * columns)));
  let lowest = 127;
  let highest = -127;
  for (let i = from; i < to; i += 1) {
    lowest = Math.min(lowest, stored[2 * i]);
    highest = Math.max(highest, stored[2 * i + 1]);
  }
  return [lowest / 127, highest / 127];
}

function samplePeak(audio, first, last) {
  const index = audio.indexAt(first);
  const buffer = audio.ready(index);
  if (!buffer) return null;
  const segment = audio.track.segments[index];
  const from = first - segment.start + segment.lead;
  const to = Math.min(last - segment.start + segment.lead, buffer.length);
  let lowest = Infinity;
  let highest = -Infinity;
  for (let channel = 0; channel < buffer.numberOfChannels; channel += 1) {
    const samples = buffer.getChannelData(channel);
    for (let i = from; i < to; i += 1) {
      if (samples[i] < lowest) lowest = samples[i];
      if (samples[i] > highest) highest = samples[i];
    }
  }
  return lowest > highest ? [0, 0] : [lowest, highest];
}

export function drawWaveform(canvas, audio, view, reach) {
  const { context, width, height, ratio } = surface(canvas);
  const { low, high } = columnPeaks(audio, view, width);
  const middle = height / 2;
  const scale = (0.94 * middle) / reach;
  context.fillStyle = colour("grid");
  context.fillRect(0, Math.round(middle), width, 1);
  context.fillStyle = colour("wave");
  for (let x = 0; x < width; x += 1) {
    const top = middle - high[x] * scale;
    context.fillRect(x, top, 1, Math.max(ratio, (high[x] - low[x]) * scale));
  }
}
