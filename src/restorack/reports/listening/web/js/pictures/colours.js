// The colours of levels, dark to bright in even steps of lightness, legible without hue.

const STOPS = [
  [0, 0, 4], [28, 16, 68], [79, 18, 123], [129, 37, 129], [181, 54, 122],
  [229, 80, 100], [251, 135, 97], [254, 194, 135], [252, 253, 191],
];

export const COLOURS = (() => {
  const table = new Uint32Array(256);
  const bytes = new Uint8Array(table.buffer);
  for (let i = 0; i < 256; i += 1) {
    const place = (i / 255) * (STOPS.length - 1);
    const stop = Math.min(STOPS.length - 2, Math.floor(place));
    for (let channel = 0; channel < 3; channel += 1) {
      const low = STOPS[stop][channel];
      const high = STOPS[stop + 1][channel];
      bytes[4 * i + channel] = Math.round(low + (place - stop) * (high - low));
    }
    bytes[4 * i + 3] = 255;
  }
  return table;
})();
