// Controls of the pictures: zoom, the frequency scale, and the range of levels in dB.

import { byId } from "../dom.js";

export function buildPictureControls(session) {
  const { view, player } = session;
  const middle = () => {
    const { position } = player;
    return position >= view.first && position < view.last ? position : view.first + view.span / 2;
  };
  byId("zoom-in").onclick = () => view.zoom(2, middle());
  byId("zoom-out").onclick = () => view.zoom(0.5, middle());
  byId("zoom-all").onclick = () => view.show(0, player.length);
  byId("scale").onchange = (event) => session.set({ logarithmic: event.target.value === "log" });
  const low = byId("range-low");
  const high = byId("range-high");
  low.oninput = () => {
    const level = Math.min(Number(low.value), Number(high.value) - 10);
    session.set({ low: level });
  };
  high.oninput = () => {
    const level = Math.max(Number(high.value), Number(low.value) + 10);
    session.set({ high: level });
  };
  return () => {
    const { settings } = session;
    byId("scale").value = settings.logarithmic ? "log" : "linear";
    low.value = settings.low;
    high.value = settings.high;
    byId("range-text").textContent = `${settings.low} to ${settings.high} dBFS`.replaceAll("-", "\u2212");
    byId("zoom-out").disabled = view.isWhole;
    byId("zoom-all").disabled = view.isWhole;
  };
}
