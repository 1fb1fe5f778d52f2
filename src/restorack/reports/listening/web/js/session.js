// A recording that is open: its player, its view, its settings, and who is told of changes.

import { gainsOf, matchedOffsets } from "./sound/loudness.js";
import { Player } from "./sound/player.js";
import { sayTrack } from "./tracks.js";
import { View } from "./pictures/view.js";

export class Session extends EventTarget {
  constructor(recording, settings) {
    super();
    this.recording = recording;
    const top = Math.max(...recording.tracks.map((track) => track.spectrum.top_hz));
    this.settings = { ...settings, top: Math.min(top, recording.rate / 2) };
    this.player = new Player(recording);
    this.view = new View(this.player.length, this.player.rate);
    this.offsets = matchedOffsets(recording.tracks);
    this.blind = false;
    this.blindKeys = null;
    this.lastOther = Math.min(1, recording.tracks.length - 1);
    this.applySettings();
  }

  applySettings() {
    this.player.setGains(gainsOf(this.recording.tracks, this.settings));
  }

  set(changes) {
    if (this.blind && "matched" in changes) return this.tell();
    Object.assign(this.settings, changes);
    this.applySettings();
    this.tell();
  }

  setLooping(looping) {
    const { player, view } = this;
    if (looping && !player.loop) player.setLoop(view.first, view.last);
    player.setLooping(looping);
  }

  choose(index) {
    if (this.blind || index >= this.recording.tracks.length) return;
    if (index !== 0) this.lastOther = index;
    this.player.choose(index);
    sayTrack(this);
  }

  // Blind: loudness is matched, and nothing on the page tells what is heard.
  beginBlind(keys) {
    this.before = { active: this.player.active, matched: this.settings.matched };
    this.set({ matched: true });
    this.blind = true;
    this.blindKeys = keys;
    document.body.classList.add("blind");
    this.tell();
  }

  hearBlind(index) {
    this.player.choose(index);
  }

  endBlind() {
    this.blind = false;
    this.blindKeys = null;
    document.body.classList.remove("blind");
    this.player.pause();
    this.set({ matched: this.before.matched });
    this.player.choose(this.before.active);
  }

  tell() {
    this.dispatchEvent(new Event("change"));
  }
}
