// What lies over the pictures: the loop, the repairs, the playhead; and the axes.

import { clock } from "../dom.js";
import { frequencyAt, heightOf } from "./spectrogram.js";
import { colour, roundStep, surface, textSize } from "./surface.js";

export function drawOverlay(canvas, session) {
  const { player, view, recording } = session;
  const { context, width, height, ratio } = surface(canvas);
  const at = (sample) => ((sample - view.first) / view.span) * width;
  if (player.loop) {
    context.fillStyle = colour(player.looping ? "loop-on" : "loop-off");
    context.fillRect(at(player.loop[0]), 0, at(player.loop[1]) - at(player.loop[0]), height);
  }
  context.fillStyle = colour("marker");
  for (const marker of visibleMarkers(recording, view, player.rate))
    context.fillRect(Math.round(at(marker.first)), 0, Math.max(ratio, 1), 5 * ratio);
  context.fillStyle = colour("playhead");
  context.fillRect(Math.round(at(player.position)) - ratio / 2, 0, Math.max(1, 1.5 * ratio), height);
}

function visibleMarkers(recording, view, rate) {
  return recording.markers
    .map(([seconds]) => ({ first: seconds * rate }))
    .filter(({ first }) => first >= view.first && first < view.last);
}

export function drawTimes(canvas, { view, player }) {
  const { context, width, height, ratio } = surface(canvas);
  const { first, span } = { first: view.first / player.rate, span: view.span / player.rate };
  const step = Math.max(0.001, roundStep(span, width / (8 * textSize(ratio))));
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const size = textSize(ratio);
  context.font = `${size}px system-ui, sans-serif`;
  context.fillStyle = colour("quiet");
  context.textBaseline = "middle";
  for (let mark = Math.ceil(first / step); mark * step <= first + span; mark += 1) {
    const x = ((mark * step - first) / span) * width;
    context.fillRect(x, 0, ratio, 4 * ratio);
    const text = clock(mark * step, digits);
    const reach = context.measureText(text).width;
    context.fillText(text, Math.min(width - reach, Math.max(0, x - reach / 2)), height / 2 + ratio);
  }
}

export function drawFrequencies(canvas, settings) {
  const { context, height, ratio } = surface(canvas);
  const size = textSize(ratio);
  context.font = `${size}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  for (const hertz of frequencyMarks(settings, height / size)) {
    const y = height * (1 - heightOf(hertz, settings));
    const text = hertz >= 1000 ? `${hertz / 1000}k` : `${hertz}`;
    const reach = context.measureText(text).width;
    context.fillStyle = "rgba(0, 0, 0, 0.45)";
    context.fillRect(0, y - 0.75 * size, reach + 8 * ratio, 1.5 * size);
    context.fillStyle = "#fff";
    context.fillText(text, 4 * ratio, y);
  }
}

export function frequencyMarks(settings, height) {
  if (settings.logarithmic)
    return [50, 100, 200, 500, 1000, 2000, 5000, 10000]
      .filter((hertz) => hertz < 0.8 * settings.top)
      .filter((hertz) => height > 16 || /^[15]/.test(hertz));
  const step = roundStep(settings.top, height / 4);
  const marks = [];
  for (let hertz = step; hertz < 0.97 * frequencyAt(1, settings); hertz += step) marks.push(hertz);
  return marks;
}
