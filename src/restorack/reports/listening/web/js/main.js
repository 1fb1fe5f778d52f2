// The page: opens a recording, draws what changed, listens to keys.

import { buildAbx } from "./blind/abx.js";
import { announce, byId, element } from "./dom.js";
import { listenToKeys } from "./keys.js";
import { readPage } from "./page_data.js";
import { buildPictureControls } from "./pictures/picture_controls.js";
import { buildPictures } from "./pictures/pictures.js";
import { buildRating } from "./blind/rating.js";
import { buildRepairs } from "./repairs.js";
import { Session } from "./session.js";
import { buildTheme } from "./theme.js";
import { buildTracks } from "./tracks.js";
import { buildTransport, showTime } from "./transport.js";

const page = readPage();
const settings = { matched: true, boost: 0, logarithmic: true, low: -100, high: -10 };
let session = null;
let stale = { all: true };

function open(index) {
  if (session?.blind) session.endBlind();
  session?.player.close();
  const kept = session ? session.settings : settings;
  const opened = new Session(page.recordings[index], kept);
  session = opened;
  const show = [
    buildTracks(opened), buildTransport(opened), buildPictureControls(opened),
  ];
  opened.repairs = buildRepairs(opened);
  opened.pictures = buildPictures(opened);
  buildAbx(opened);
  buildRating(opened);
  const update = () => {
    if (opened !== session) return;
    byId("tracks").inert = opened.blind;
    byId("recording").disabled = opened.blind;
    for (const one of show) one();
  };
  const redraw = () => {
    update();
    stale.all = true;
  };
  let heard = opened.player.active;
  opened.player.addEventListener("change", () => {
    update();
    stale.over = true;
    if (heard !== opened.player.active) stale.all = true;
    heard = opened.player.active;
  });
  opened.player.addEventListener("decoded", () => (stale.all ||= !opened.view.isWhole));
  opened.player.addEventListener("failed", (event) => showError(event.detail));
  opened.addEventListener("change", redraw);
  opened.view.addEventListener("change", () => {
    update();
    stale.all = true;
    loadView(opened);
  });
  document.querySelectorAll("[data-recording]").forEach((part) => {
    part.hidden = Number(part.dataset.recording) !== index;
  });
  byId("position").setAttribute("aria-valuemax", Math.round(opened.player.length / opened.player.rate));
  redraw();
  opened.player.preload();
}

// Decode what a close view shows, where it is not decoded yet.
function loadView({ player, view }) {
  if (view.span > 60 * player.rate) return;
  const audio = player.audio[player.active];
  for (let index = audio.indexAt(view.first); index <= audio.indexAt(view.last - 1); index += 1)
    if (!audio.ready(index)) audio.load(index).then(() => (stale.all = true), showError);
}

function showError(error) {
  const text = `The audio could not be read: ${error.message ?? error}`;
  byId("error").hidden = false;
  byId("error").textContent = text;
  announce(text);
}

function frame() {
  showTime(session);
  if (session.player.playing) session.view.follow(session.player.position);
  const { all, over } = stale;
  stale = {};
  if (all) session.pictures.drawAll();
  else if (over || session.player.playing) session.pictures.drawOver();
  requestAnimationFrame(frame);
}

const pick = byId("recording");
pick.replaceChildren(...page.recordings.map((recording, index) =>
  element("option", { value: index }, recording.name)));
pick.onchange = () => open(Number(pick.value));
pick.closest("label").hidden = page.recordings.length < 2;
byId("player").hidden = false;
buildTheme(() => (stale.all = true));
new ResizeObserver(() => (stale.all = true)).observe(byId("player"));
listenToKeys(() => session);
open(0);
requestAnimationFrame(frame);
globalThis.restorack = { page, get session() { return session; } };
