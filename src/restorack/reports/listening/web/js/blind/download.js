// Files that the page hands over: text, CSV, WAV. Nothing leaves the browser.

import { element } from "../dom.js";

export function download(name, parts, type) {
  const address = URL.createObjectURL(new Blob(parts, { type }));
  const link = element("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// A cell that no spreadsheet takes for a formula.
function cell(value) {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : `${value}`;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csvText(heads, rows) {
  return [heads, ...rows].map((row) => row.map(cell).join(",")).join("\n") + "\n";
}

// 16-bit WAV of a decoded buffer, dithered by none: it was made from a file of the page.
export function wavBytes(buffer) {
  const channels = buffer.numberOfChannels;
  const bytes = new DataView(new ArrayBuffer(44 + 2 * channels * buffer.length));
  const text = (at, word) => [...word].forEach((c, i) => bytes.setUint8(at + i, c.charCodeAt(0)));
  text(0, "RIFF");
  bytes.setUint32(4, bytes.byteLength - 8, true);
  text(8, "WAVEfmt ");
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true);
  bytes.setUint16(22, channels, true);
  bytes.setUint32(24, buffer.sampleRate, true);
  bytes.setUint32(28, 2 * channels * buffer.sampleRate, true);
  bytes.setUint16(32, 2 * channels, true);
  bytes.setUint16(34, 16, true);
  text(36, "data");
  bytes.setUint32(40, bytes.byteLength - 44, true);
  for (let channel = 0; channel < channels; channel += 1) {
    const samples = buffer.getChannelData(channel);
    for (let i = 0; i < samples.length; i += 1) {
      const value = Math.max(-1, Math.min(1, samples[i]));
      bytes.setInt16(44 + 2 * (i * channels + channel), Math.round(32767 * value), true);
    }
  }
  return bytes.buffer;
}
