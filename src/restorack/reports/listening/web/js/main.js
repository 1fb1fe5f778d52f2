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
  session = new Session(page.recordings[index], session ? session.settings : settings);
  const show = [buildTracks(session), buildTransport(session), buildPictureControls(session)];
  session.repairs = buildRepairs(session);
  session.pictures = buildPictures(session);
  buildAbx(session);
  buildRating(session);
  follow(session, () => {
    byId("tracks").inert = session.blind;
    byId("recording").disabled = session.blind;
    for (const one of show) one();
  });
  document.querySelectorAll("[data-recording]").forEach((part) => {
    part.hidden = Number(part.dataset.recording) !== index;
  });
  const { player } = session;
  byId("position").setAttribute("aria-valuemax", Math.round(player.length / player.rate));
  session.tell();
  requestAnimationFrame(() => setTimeout(() => player.preload())); // what is seen comes first
}

// Show what changes in a recording, as long as it is the one that is open.
function follow(opened, show) {
  const { player, view } = opened;
  let heard = player.active;
  const update = (drawn) => () => {
    if (opened !== session) return;
    show();
    stale[drawn] = true;
  };
  opened.addEventListener("change", update("all"));
  view.addEventListener("change", update("all"));
  view.addEventListener("change", () => loadView(opened));
  player.addEventListener("change", update("over"));
  player.addEventListener("change", () => {
    if (heard !== player.active) stale.all = true;
    heard = player.active;
  });
  player.addEventListener("decoded", () => (stale.all ||= !view.isWhole));
  player.addEventListener("failed", (event) => showError(event.detail));
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
