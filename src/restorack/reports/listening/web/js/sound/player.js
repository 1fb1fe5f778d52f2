// One playhead for all tracks: every track is started at the same moment of one clock, and a
// switch only moves gains. Times are whole samples of the page's rate.

import { TrackAudio } from "./segments.js";

const FADE = 0.006; // seconds: short enough to compare, long enough not to click
const AHEAD = 1.0; // seconds that are scheduled beyond what is heard
const START_DELAY = 0.03;

export class Player extends EventTarget {
  constructor(recording) {
    super();
    this.recording = recording;
    this.rate = recording.rate;
    this.length = recording.samples;
    this.audio = recording.tracks.map((track) => new TrackAudio(track, recording.rate));
    this.active = 0;
    this.gains = recording.tracks.map(() => 1); // of each track, where it is the active one
    this.loop = null; // [first, last] in samples
    this.looping = false;
    this.playing = false;
    this.waiting = false;
    this.resting = 0; // the position while nothing plays
    this.pieces = [];
    this.generation = 0; // counts starts: what was asked for before the latest one is dropped
  }

  open() {
    if (this.context) return;
    this.context = new AudioContext({ sampleRate: this.rate, latencyHint: "interactive" });
    this.master = new GainNode(this.context, { gain: 0 });
    this.master.connect(this.context.destination);
    this.outputs = this.audio.map((_, index) => {
      const gain = index === this.active ? this.gains[index] : 0;
      const node = new GainNode(this.context, { gain });
      node.connect(this.master);
      return node;
    });
  }

  // Where the playhead is, in samples, at a moment of the context's clock.
  positionAt(time) {
    let found = null;
    for (const piece of this.pieces) if (found === null || piece.at <= time) found = piece;
    if (found === null) return this.resting;
    const inside = Math.round((time - found.at) * this.rate);
    return Math.min(found.first + Math.max(0, inside), found.last);
  }

  get position() {
    return this.playing ? this.positionAt(this.context.currentTime) : this.resting;
  }

  async play() {
    this.open();
    const generation = (this.generation += 1);
    this.playing = true;
    this.tell();
    if (this.context.state !== "running") await this.context.resume();
    if (this.resting >= this.length) this.resting = 0;
    if (this.loops && !this.isInside(this.resting)) [this.resting] = this.loop;
    await this.begin(this.resting, generation);
  }

  pause() {
    if (!this.playing) return;
    this.generation += 1;
    const end = this.quantised(this.context.currentTime + FADE);
    this.resting = this.positionAt(end);
    this.silence(end);
    this.playing = false;
    this.waiting = false;
    this.tell();
  }

  toggle() {
    return this.playing ? this.pause() : this.play();
  }

  async seek(sample) {
    const target = Math.round(Math.min(Math.max(0, sample), this.length));
    if (!this.playing) {
      this.resting = target;
      this.tell();
      return;
    }
    const generation = (this.generation += 1);
    this.silence(this.quantised(this.context.currentTime + FADE));
    this.resting = target;
    await this.begin(target, generation);
  }

  // Go on from where it is, under other rules: a loop that was set, moved or left.
  reschedule() {
    if (this.playing && !this.waiting) this.seek(this.position);
    this.tell();
  }

  setLoop(first, last) {
    this.loop = last - first >= Math.round(0.05 * this.rate) ? [first, last] : null;
    if (!this.loop) this.looping = false;
    this.reschedule();
  }

  setLooping(looping) {
    this.looping = looping && this.loop !== null;
    this.reschedule();
  }

  get loops() {
    return this.looping && this.loop !== null;
  }

  isInside(sample) {
    return sample >= this.loop[0] && sample < this.loop[1];
  }

  choose(index) {
    if (index < 0 || index >= this.audio.length) return;
    this.active = index;
    this.applyGains();
    this.tell();
  }

  setGains(gains) {
    this.gains = gains;
    this.applyGains();
  }

  applyGains() {
    if (!this.context) return;
    this.outputs.forEach((node, index) => {
      const target = index === this.active ? this.gains[index] : 0;
      ramp(node.gain, target, this.context.currentTime);
    });
  }

  quantised(time) {
    return Math.ceil(time * this.rate) / this.rate;
  }

  silence(end) {
    ramp(this.master.gain, 0, this.context.currentTime);
    for (const piece of this.pieces) for (const node of piece.nodes) node.stop(end);
    this.pieces = [];
    clearTimeout(this.timer);
  }

  async begin(sample, generation) {
    const buffers = await this.buffersAt(sample, generation);
    if (!buffers) return;
    const at = this.quantised(this.context.currentTime + START_DELAY);
    this.cursor = { at, sample };
    this.master.gain.setValueAtTime(0, at); // the fade-out before it has ended by then
    this.master.gain.linearRampToValueAtTime(1, at + FADE);
    this.schedule(buffers);
    this.keepScheduling(generation);
    this.tell();
  }

  // Every track's buffer, or null where another start has come in between.
  async buffersAt(sample, generation) {
    const index = this.audio[0].indexAt(sample);
    const ready = this.audio.map((audio) => audio.ready(index));
    if (ready.every((buffer) => buffer !== null)) return ready;
    this.waiting = true;
    this.tell();
    try {
      const buffers = await Promise.all(this.audio.map((audio) => audio.load(index)));
      if (generation !== this.generation) return null;
      this.waiting = false;
      return buffers;
    } catch (error) {
      if (generation === this.generation) this.fail(error);
      return null;
    }
  }

  fail(error) {
    this.playing = false;
    this.waiting = false;
    this.dispatchEvent(new CustomEvent("failed", { detail: error.message }));
    this.tell();
  }

  schedule(buffers) {
    const { at, sample } = this.cursor;
    const segment = this.recording.tracks[0].segments[this.audio[0].indexAt(sample)];
    let last = Math.min(segment.start + segment.samples, this.length);
    if (this.loops && sample < this.loop[1]) last = Math.min(last, this.loop[1]);
    const nodes = buffers.map((buffer, index) => {
      const node = new AudioBufferSourceNode(this.context, { buffer });
      node.connect(this.outputs[index]);
      const offset = (segment.lead + sample - segment.start) / this.rate;
      node.start(at, offset, (last - sample) / this.rate);
      return node;
    });
    this.pieces.push({ at, first: sample, last, nodes });
    const next = this.loops && last === this.loop[1] ? this.loop[0] : last;
    this.cursor = { at: at + (last - sample) / this.rate, sample: next };
  }

  async keepScheduling(generation) {
    if (generation !== this.generation) return;
    const now = this.context.currentTime;
    this.pieces = this.pieces.filter((piece, index) => {
      const next = this.pieces[index + 1];
      return !next || next.at > now - 0.1;
    });
    if (this.cursor.sample >= this.length) {
      if (now > this.cursor.at + 0.05) return this.finish();
    } else if (this.cursor.at - now < AHEAD) {
      const buffers = await this.nextBuffers(generation);
      if (generation !== this.generation) return;
      if (!buffers) return this.stall();
      this.schedule(buffers);
    }
    this.timer = setTimeout(() => this.keepScheduling(generation), 50);
  }

  async nextBuffers(generation) {
    const index = this.audio[0].indexAt(this.cursor.sample);
    const ready = this.audio.map((audio) => audio.ready(index));
    if (ready.every((buffer) => buffer !== null)) return ready;
    const loading = Promise.all(this.audio.map((audio) => audio.load(index))).catch(() => null);
    const late = new Promise((resolve) =>
      setTimeout(() => resolve(null), Math.max(0, this.cursor.at - this.context.currentTime) * 1000));
    const buffers = await Promise.race([loading, late]);
    return generation === this.generation && this.cursor.at > this.context.currentTime + 0.01
      ? buffers
      : null;
  }

  // The next segment came too late: all tracks wait for it together.
  stall() {
    const generation = (this.generation += 1);
    const { sample } = this.cursor;
    this.silence(this.context.currentTime);
    this.resting = sample;
    return this.begin(sample, generation);
  }

  finish() {
    this.generation += 1;
    this.pieces = [];
    this.playing = false;
    this.resting = this.length;
    this.tell();
  }

  // Decode what lies at the playhead before it is asked for.
  async preload() {
    const index = this.audio[0].indexAt(this.resting);
    const order = [this.active, ...this.audio.keys()];
    for (const track of order) {
      try {
        await this.audio[track].load(index);
      } catch (error) {
        this.fail(error);
        return;
      }
      this.dispatchEvent(new CustomEvent("decoded", { detail: track }));
    }
  }

  close() {
    this.pause();
    this.context?.close();
    this.context = null;
  }

  tell() {
    this.dispatchEvent(new Event("change"));
  }
}

function ramp(parameter, target, from) {
  parameter.cancelScheduledValues(0);
  parameter.setValueAtTime(parameter.value, from);
  parameter.linearRampToValueAtTime(target, from + FADE);
}
