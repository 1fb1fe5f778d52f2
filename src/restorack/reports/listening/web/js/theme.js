// Light, dark, or as the system says; kept where the browser keeps things for a page from disk.

import { byId } from "./dom.js";

const KEY = "restorack-theme";

export function buildTheme(changed) {
  const pick = byId("theme");
  pick.value = keptTheme() ?? "system";
  const apply = () => {
    if (pick.value === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = pick.value;
    changed();
  };
  pick.onchange = () => {
    try {
      localStorage.setItem(KEY, pick.value);
    } catch {
      // a page without storage forgets
    }
    apply();
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  apply();
}

function keptTheme() {
  try {
    const kept = localStorage.getItem(KEY);
    return ["light", "dark", "system"].includes(kept) ? kept : null;
  } catch {
    return null;
  }
}
