// The spectrogram: of the whole from the levels that came with the page, in detail from samples.

import { COLOURS } from "./colours.js";
import { Fourier } from "./fourier.js";
import { bytesOf } from "../page_data.js";
import { surface } from "./surface.js";

const SIZE = 2048;
const AT_ONCE = 48; // columns between two looks at the clock
const MOST_COLUMNS = 1000; // that are computed: on wider screens each is drawn wider
const storedOf = new WeakMap();

// Levels of the whole, in dB: `bands` rows, evenly spaced on the mel scale.
function stored(track) {
  if (!storedOf.has(track)) {
    const { bands, columns, levels, floor_db: floor, step_db: step } = track.spectrum;
    const bytes = bytesOf(levels);
    const table = new Float32Array(bytes.length).map((_, i) => floor + step * bytes[i]);
    storedOf.set(track, { bands, columns, table });
  }
  return storedOf.get(track);
}

const mel = (hertz) => Math.log10(1 + hertz / 700);

// The frequency of a height, 0 at the bottom to 1 at the top.
export function frequencyAt(share, { top, logarithmic }) {
  if (!logarithmic) return share * top;
  return 30 * (top / 30) ** share;
}

export function heightOf(hertz, { top, logarithmic }) {
  if (!logarithmic) return hertz / top;
  return Math.log(Math.max(hertz, 30) / 30) / Math.log(top / 30);
}

export class Spectrogram {
  constructor(canvas) {
    this.canvas = canvas;
    this.detail = null; // levels of the latest view in detail
    this.job = 0;
  }

  draw(audio, view, settings) {
    const { context, width, height } = surface(this.canvas);
    const job = (this.job += 1);
    if (view.span > 0.6 * audio.track.samples) {
      this.paint(context, width, height, this.wholeRows(audio.track, view, width), settings);
      return;
    }
    const columns = Math.min(width, MOST_COLUMNS);
    const key = [audio.track.id, view.first, view.last, columns].join(" ");
    if (this.detail?.key !== key)
      this.detail = { key, columns, done: 0, levels: new Float32Array((columns * SIZE) / 2) };
    const whole = this.wholeRows(audio.track, view, width);
    this.finish(job, audio, view, settings, { context, width, height, whole });
  }

  // Compute the missing columns a few at a time, so that the page goes on meanwhile.
  finish(job, audio, view, settings, { context, width, height, whole }) {
    if (job !== this.job) return;
    const { detail } = this;
    const began = performance.now();
    while (detail.done < detail.columns && performance.now() - began < 12)
      if (!this.compute(audio, view, detail, Math.min(detail.columns, detail.done + AT_ONCE))) break;
    this.paint(context, width, height, detailRows(detail, width, audio.rate, whole), settings);
    if (detail.done < detail.columns && !detail.missing)
      requestAnimationFrame(() =>
        this.finish(job, audio, view, settings, { context, width, height, whole }));
  }

  compute(audio, view, detail, end) {
    this.fourier ??= new Fourier(SIZE);
    for (; detail.done < end; detail.done += 1) {
      const middle = Math.round(view.first + ((detail.done + 0.5) * view.span) / detail.columns);
      const index = audio.indexAt(middle);
      const buffer = audio.ready(index);
      detail.missing = !buffer;
      if (!buffer) return false;
      const segment = audio.track.segments[index];
      const at = (detail.done * SIZE) / 2;
      this.fourier.levels(
        mono(buffer), middle - segment.start + segment.lead,
        detail.levels.subarray(at, at + SIZE / 2));
    }
    return true;
  }

  // Levels of the whole along a row: a frequency, then a column of the picture.
  wholeRows(track, view, width) {
    const { bands, columns, table } = stored(track);
    const top = mel(track.spectrum.top_hz);
    const places = Int32Array.from({ length: width }, (_, x) => {
      const sample = view.first + ((x + 0.5) * view.span) / width;
      return bands * Math.min(columns - 1, Math.floor((sample / track.samples) * columns));
    });
    return (hertz) => {
      const place = (mel(hertz) / top) * bands - 0.5;
      if (place > bands - 0.5) return () => -200;
      const below = Math.max(0, Math.min(bands - 1, Math.floor(place)));
      const above = Math.min(bands - 1, below + 1);
      const share = Math.max(0, place - below);
      return (x) =>
        (1 - share) * table[places[x] + below] + share * table[places[x] + above];
    };
  }

  paint(context, width, height, rowOf, settings) {
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const scale = 255 / (settings.high - settings.low);
    for (let y = 0; y < height; y += 1) {
      const level = rowOf(frequencyAt(1 - (y + 0.5) / height, settings));
      const start = y * width;
      for (let x = 0; x < width; x += 1) {
        const value = (level(x) - settings.low) * scale;
        pixels[start + x] = COLOURS[value < 0 ? 0 : value > 255 ? 255 : value | 0];
      }
    }
    context.putImageData(image, 0, 0);
  }
}

// Levels in detail along a row, where they are computed, and of the whole where not yet.
function detailRows(detail, width, rate, wholeRow) {
  const { columns, done, levels } = detail;
  const starts = Int32Array.from({ length: width }, (_, x) => {
    const column = Math.floor((x * columns) / width);
    return column < done ? (column * SIZE) / 2 : -1;
  });
  return (hertz) => {
    const place = (hertz / rate) * SIZE;
    const bin = Math.min(SIZE / 2 - 2, Math.floor(place));
    const share = place - bin;
    const otherwise = wholeRow(hertz);
    return (x) => {
      if (starts[x] < 0) return otherwise(x);
      const at = starts[x] + bin;
      return levels[at] + share * (levels[at + 1] - levels[at]);
    };
  };
}

const mixes = new WeakMap();

function mono(buffer) {
  if (buffer.numberOfChannels === 1) return buffer.getChannelData(0);
  if (!mixes.has(buffer)) {
    const [left, right] = [buffer.getChannelData(0), buffer.getChannelData(1)];
    mixes.set(buffer, left.map((value, i) => 0.5 * (value + right[i])));
  }
  return mixes.get(buffer);
}
