// Play, time, loudness, loop: the row of controls above the pictures.

import { byId, clock, decibels } from "./dom.js";

export function buildTransport(session) {
  const { player, settings } = session;
  byId("play").onclick = () => player.toggle();
  byId("matched").onchange = (event) => session.set({ matched: event.target.checked });
  byId("boost").onchange = (event) => session.set({ boost: Number(event.target.value) });
  byId("loop").onchange = (event) => session.setLooping(event.target.checked);
  byId("loop-clear").onclick = () => player.setLoop(0, 0);
  byId("matched").checked = settings.matched;
  byId("boost").value = `${settings.boost}`;
  const boost = byId("boost").closest("label");
  boost.hidden = !session.recording.tracks.some((track) => track.kind === "difference");
  return () => showTransport(session);
}

function showTransport(session) {
  const { player } = session;
  const play = byId("play");
  play.classList.toggle("playing", player.playing);
  play.setAttribute("aria-label", player.playing ? "Pause" : "Play");
  play.querySelector(".word").textContent =
    player.waiting ? "Loading" : player.playing ? "Pause" : "Play";
  byId("loop").checked = player.looping;
  byId("loop").disabled = player.loop === null;
  byId("loop-clear").hidden = player.loop === null;
  byId("loop-range").textContent = player.loop
    ? `${clock(player.loop[0] / player.rate, 2)} to ${clock(player.loop[1] / player.rate, 2)}`
    : "drag over the waveform to mark a region";
  byId("loudness").textContent = loudnessText(session);
}

export function loudnessText({ recording, offsets, settings }) {
  const named = recording.tracks
    .map((track, index) => ({ ...track, offset: offsets[index] }))
    .filter((track) => ["before", "after", "reference"].includes(track.kind));
  const levels = named.map((track) =>
    `${track.label} ${track.lufs === null ? "silent" : `${track.lufs.toFixed(1)} LUFS`}`);
  const moved = named.filter((track) => Math.abs(track.offset) >= 0.05)
    .map((track) => `${track.label} ${decibels(track.offset)}`);
  const how = !settings.matched ? "played as they are"
    : moved.length ? `matched: ${moved.join(", ")}` : "equally loud";
  return `${levels.join(", ")}; ${how}`.replaceAll("-", "\u2212");
}

export function showTime({ player }) {
  const now = clock(player.position / player.rate, 1);
  const whole = clock(player.length / player.rate, 1);
  const shown = `${now} / ${whole}`;
  const time = byId("time");
  if (time.textContent !== shown) time.textContent = shown;
  const slider = byId("position");
  const second = Math.round(player.position / player.rate);
  if (Number(slider.getAttribute("aria-valuenow")) !== second) {
    slider.setAttribute("aria-valuenow", second);
    slider.setAttribute("aria-valuetext", `${now} of ${whole}`);
  }
}
