// The row of tracks: one is heard, chosen by click, by number or by arrow.

import { announce, byId, decibels, element } from "./dom.js";

export function buildTracks(session) {
  const { player, recording } = session;
  const group = byId("tracks");
  const buttons = recording.tracks.map((track, index) =>
    element("button", {
      type: "button", role: "radio", class: `track ${track.kind}`, title: track.label,
      "data-track": track.id, onclick: () => session.choose(index),
    },
      element("span", { class: "number", "aria-hidden": "true" }, index < 9 ? `${index + 1}` : ""),
      element("span", { class: "name" }, track.label),
      element("span", { class: "offset" })));
  group.replaceChildren(...buttons);
  group.onkeydown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    session.choose((player.active + step + buttons.length) % buttons.length);
    buttons[player.active].focus();
  };
  return () => showTracks(session, buttons);
}

function showTracks({ player, recording, offsets, settings }, buttons) {
  buttons.forEach((button, index) => {
    const chosen = index === player.active;
    button.setAttribute("aria-checked", chosen);
    button.tabIndex = chosen ? 0 : -1;
    const track = recording.tracks[index];
    const shown = settings.matched ? offsets[index] : 0;
    button.querySelector(".offset").textContent = offsetText(track, shown, settings);
  });
}

function offsetText(track, offset, { matched, boost }) {
  if (track.kind === "difference") return boost ? decibels(boost) : "";
  if (track.lufs === null) return "silent";
  return matched ? decibels(offset) : `${track.lufs.toFixed(1)} LUFS`.replace("-", "\u2212");
}

export function sayTrack({ player, recording }) {
  announce(`${recording.tracks[player.active].label} is heard`);
}
