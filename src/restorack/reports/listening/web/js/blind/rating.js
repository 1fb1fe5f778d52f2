// Rating after MUSHRA (ITU-R BS.1534): all conditions under letters, in a hidden order, 0 to 100.

import { shuffled } from "./chance.js";
import { announce, byId, element } from "../dom.js";
import { csvText, download, wavBytes } from "./download.js";
import { webMushraText } from "./webmushra.js";

const WORDS = ["bad", "poor", "fair", "good", "excellent"];

export function ratingWord(value) {
  return WORDS[Math.min(4, Math.floor(value / 20))];
}

export function buildRating(session) {
  const { recording } = session;
  const pick = byId("rating-reference");
  pick.replaceChildren(
    element("option", { value: -1 }, "none"),
    ...recording.tracks.map((track, index) => element("option", { value: index }, track.label)));
  pick.value = recording.tracks.findIndex((track) => track.kind === "reference");
  byId("rating-run").hidden = true;
  byId("rating-setup").hidden = false;
  byId("rating-result").replaceChildren();
  byId("rating-start").onclick = () => runRating(session, Number(pick.value));
  byId("webmushra").onclick = () => exportWebMushra(session, Number(pick.value));
  byId("webmushra-audio").onclick = () => exportAudio(session);
  byId("webmushra-audio").hidden = recording.tracks[0].segments.length > 1;
}

function runRating(session, reference) {
  const { recording } = session;
  const rated = recording.tracks.map((track, index) => ({ track, index }))
    .filter(({ track }) => track.kind !== "difference");
  const order = shuffled(rated);
  const values = order.map(() => null);
  const rows = order.map(({ index }, place) => ratingRow(session, index, place, values));
  const hearReference = element("button", { type: "button", onclick: () => session.hearBlind(reference) },
    "Hear the reference");
  byId("rating-rows").replaceChildren(...(reference >= 0 ? [hearReference] : []), ...rows);
  byId("rating-run").hidden = false;
  byId("rating-setup").hidden = true;
  byId("rating-result").replaceChildren();
  const letters = Object.fromEntries(order.map(({ index }, place) =>
    [letterOf(place).toLowerCase(), () => session.hearBlind(index)]));
  if (reference >= 0) letters.r = () => session.hearBlind(reference);
  session.beginBlind(letters);
  byId("rating-end").onclick = () => endRating(session, order, values, reference);
  session.hearBlind(reference >= 0 ? reference : order[0].index);
  session.player.play();
}

function letterOf(place) {
  return String.fromCharCode(65 + place);
}

function ratingRow(session, index, place, values) {
  const letter = letterOf(place);
  const shown = element("output", {}, "not rated");
  const slider = element("input", {
    type: "range", min: 0, max: 100, value: 50, "aria-label": `Rating of ${letter}`,
    oninput: () => {
      values[place] = Number(slider.value);
      shown.textContent = `${slider.value}, ${ratingWord(values[place])}`;
    },
  });
  const hear = element("button", { type: "button", onclick: () => session.hearBlind(index) },
    `Hear ${letter}`);
  return element("div", { class: "rating-row" }, hear, slider, shown);
}

function endRating(session, order, values, reference) {
  session.endBlind();
  byId("rating-run").hidden = true;
  byId("rating-setup").hidden = false;
  const rated = order.map(({ track, index }, place) =>
    ({ label: track.label, value: values[place], letter: letterOf(place), isReference: index === reference }))
    .filter(({ value }) => value !== null)
    .sort((one, other) => other.value - one.value);
  const rows = rated.map(({ label, value, letter }) =>
    element("tr", {}, element("td", {}, label), element("td", {}, `${value}`),
      element("td", {}, ratingWord(value)), element("td", {}, letter)));
  const head = element("tr", {}, ...["condition", "rating", "", "letter"].map((text) =>
    element("th", { scope: "col" }, text)));
  const save = element("button", { type: "button", onclick: () => exportRating(session, rated) },
    "Save as CSV");
  byId("rating-result").replaceChildren(...(rated.length
    ? [element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows)), save]
    : ["Nothing was rated."]));
  announce(rated.length ? `rated best: ${rated[0].label}, ${rated[0].value}` : "nothing was rated");
}

function exportRating({ recording }, rated) {
  const rows = rated.map(({ label, value, letter, isReference }) =>
    [recording.name, label, value, letter, isReference ? 1 : 0]);
  const heads = ["recording", "condition", "rating", "letter", "hidden_reference"];
  download("ratings.csv", [csvText(heads, rows)], "text/csv");
}

function exportWebMushra({ recording }, reference) {
  download("restorack.yaml", [webMushraText(recording, reference)], "text/yaml");
}

async function exportAudio({ recording, player }) {
  for (const [index, track] of recording.tracks.entries()) {
    if (track.kind === "difference") continue;
    const buffer = await player.audio[index].load(0);
    download(`${track.id}.wav`, [wavBytes(buffer)], "audio/wav");
  }
}
