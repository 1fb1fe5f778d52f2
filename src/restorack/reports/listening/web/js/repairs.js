// Jump from repair to repair.

import { announce, byId, clock } from "./dom.js";

const BEFORE = 0.4; // seconds of run-up, so that a repair is heard in its surroundings

export function buildRepairs(session) {
  const { recording, player, view } = session;
  const times = recording.markers.map(([seconds]) => Math.round(seconds * player.rate));
  const row = byId("repairs");
  row.hidden = times.length === 0;
  let current = -1;

  function jump(step) {
    if (!times.length) return;
    const here = player.position + (step > 0 ? 1 : -1) + BEFORE * player.rate;
    const found = step > 0 ? times.findIndex((time) => time > here)
      : times.findLastIndex((time) => time < here - 1);
    current = found < 0 ? (step > 0 ? 0 : times.length - 1) : found;
    if (view.span > 20 * player.rate) view.show(times[current] - 2 * player.rate, 4 * player.rate);
    else view.show(times[current] - view.span / 2, view.span);
    player.seek(times[current] - BEFORE * player.rate);
    show();
    announce(`repair ${current + 1} of ${times.length} at ${clock(times[current] / player.rate, 2)}`);
  }
  function show() {
    const [seconds, length, stage] = recording.markers[current] ?? [];
    byId("repair-text").textContent = current < 0 ? `${times.length} repairs`
      : `${current + 1} of ${times.length}: ${clock(seconds, 2)}, ${(1000 * length).toFixed(1)} ms`
        + `, ${recording.marker_kinds[stage]}`;
  }
  byId("repair-next").onclick = () => jump(1);
  byId("repair-previous").onclick = () => jump(-1);
  show();
  return { next: () => jump(1), previous: () => jump(-1) };
}
