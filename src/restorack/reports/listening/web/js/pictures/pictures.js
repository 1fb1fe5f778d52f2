// The pictures of a session: what is drawn when, and what the pointer does on them.

import { byId } from "../dom.js";
import { drawFrequencies, drawOverlay, drawTimes } from "./overlay.js";
import { Spectrogram } from "./spectrogram.js";
import { colour } from "./surface.js";
import { View } from "./view.js";
import { columnPeaks, drawWaveform } from "./waveform.js";

const CLICK = 4; // pixels that a pointer may move before it drags

export function buildPictures(session) {
  const { player, view } = session;
  const spectrogram = new Spectrogram(byId("spectrogram"));
  const whole = new View(player.length, player.rate);
  const reach = Math.max(0.05, ...player.audio.slice(0, 1).map((audio) => {
    const { low, high } = columnPeaks(audio, whole, 500);
    return Math.max(...high, ...low.map((value) => -value));
  }));
  const drawn = () => player.audio[session.blind ? 0 : player.active];

  function drawAll() {
    drawWaveform(byId("waveform"), drawn(), view, reach);
    spectrogram.draw(drawn(), view, session.settings);
    drawFrequencies(byId("frequencies"), session.settings);
    drawTimes(byId("times"), session);
    drawStrip();
    drawOver();
  }
  function drawOver() {
    drawOverlay(byId("overlay"), session);
  }
  function drawStrip() {
    const canvas = byId("strip");
    drawWaveform(canvas, drawn(), whole, reach);
    const { width, height } = canvas;
    const context = canvas.getContext("2d");
    context.fillStyle = colour("shade");
    context.fillRect(0, 0, (view.first / player.length) * width, height);
    context.fillRect((view.last / player.length) * width, 0, width, height);
  }
  pointer(byId("overlay"), session);
  stripPointer(byId("strip"), session);
  return { drawAll, drawOver };
}

function pointer(canvas, { player, view }) {
  const sampleAt = (event) => {
    const box = canvas.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    return Math.round(view.first + share * view.span);
  };
  let begin = null;
  canvas.onpointerdown = (event) => {
    if (event.button !== 0) return;
    begin = { x: event.clientX, sample: sampleAt(event), moved: false };
    canvas.setPointerCapture(event.pointerId);
  };
  canvas.onpointermove = (event) => {
    if (!begin || (!begin.moved && Math.abs(event.clientX - begin.x) < CLICK)) return;
    begin.moved = true;
    const other = sampleAt(event);
    player.loop = [Math.min(begin.sample, other), Math.max(begin.sample, other)];
    player.tell();
  };
  canvas.onpointerup = (event) => {
    if (!begin) return;
    if (begin.moved) {
      player.setLoop(...player.loop);
      if (player.loop) player.setLooping(true);
    } else player.seek(sampleAt(event));
    begin = null;
  };
  canvas.onpointercancel = () => (begin = null);
  canvas.onwheel = (event) => {
    if (event.ctrlKey || event.metaKey || Math.abs(event.deltaY) > Math.abs(event.deltaX)) {
      if (!event.ctrlKey && !event.metaKey && !event.altKey && view.isWhole && event.deltaY > 0)
        return; // nothing to zoom out of: the page scrolls
      event.preventDefault();
      view.zoom(Math.exp(-event.deltaY * 0.003), sampleAt(event));
    } else {
      event.preventDefault();
      view.scroll((event.deltaX / canvas.clientWidth) * view.span);
    }
  };
}

function stripPointer(canvas, { player, view }) {
  const move = (event) => {
    const box = canvas.getBoundingClientRect();
    const middle = ((event.clientX - box.left) / box.width) * player.length;
    view.show(middle - view.span / 2, view.span);
  };
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    move(event);
  };
  canvas.onpointermove = (event) => event.buttons && move(event);
}

