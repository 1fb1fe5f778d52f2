// Decoded audio of a track, segment by segment; the same for a short file (one segment) and a long.

import { segmentBytes } from "../page_data.js";

const KEPT = 4; // segments of a track that stay decoded: those around the playhead and the view

export class TrackAudio {
  constructor(track, rate) {
    this.track = track;
    this.rate = rate;
    this.decoded = new Map();
    this.loading = new Map();
  }

  indexAt(sample) {
    const { segments } = this.track;
    let index = segments.length - 1;
    while (index > 0 && segments[index].start > sample) index -= 1;
    return index;
  }

  // The buffer where it is decoded, and where in it the segment begins.
  ready(index) {
    return this.decoded.get(index) ?? null;
  }

  load(index) {
    const there = this.decoded.get(index);
    if (there) return Promise.resolve(there);
    if (!this.loading.has(index)) this.loading.set(index, this.decode(index));
    return this.loading.get(index);
  }

  async decode(index) {
    try {
      const bytes = await segmentBytes(this.track.segments[index]);
      // An offline context decodes before any click has allowed sound, and at the page's rate.
      const context = new OfflineAudioContext(1, 1, this.rate);
      const buffer = await context.decodeAudioData(bytes.buffer);
      this.decoded.set(index, buffer);
      if (this.track.segments.length > KEPT) this.forgetFar(index);
      return buffer;
    } finally {
      this.loading.delete(index);
    }
  }

  forgetFar(index) {
    for (const other of this.decoded.keys())
      if (this.decoded.size > KEPT && Math.abs(other - index) > 1) this.decoded.delete(other);
  }
}
