// Elements without markup: text goes in as text, so nothing of a file can become HTML.

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined)
      made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

export function byId(id) {
  return document.getElementById(id);
}

// Say something to screen readers, without moving the focus.
export function announce(text) {
  byId("announcements").textContent = text;
}

export function clock(seconds, digits = 1) {
  const rounded = Number(Math.max(0, seconds).toFixed(digits));
  const minutes = Math.floor(rounded / 60);
  const rest = (rounded - 60 * minutes).toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
  return `${minutes}:${rest}`;
}

export function decibels(value) {
  const text = Math.abs(value).toFixed(1);
  if (text === "0.0") return "0.0 dB";
  return `${value < 0 ? "\u2212" : "+"}${text} dB`;
}
