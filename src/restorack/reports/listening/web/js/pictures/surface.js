// A canvas in device pixels, cleared; sharp on every screen and as large as its place.

export function surface(canvas) {
  const ratio = Math.min(globalThis.devicePixelRatio || 1, 2);
  const box = canvas.getBoundingClientRect();
  const width = Math.max(1, Math.round(box.width * ratio));
  const height = Math.max(1, Math.round(box.height * ratio));
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, width, height);
  return { context, width, height, ratio };
}

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// The height of lettering in device pixels: it grows with the page's own.
export function textSize(ratio) {
  const root = parseFloat(getComputedStyle(document.documentElement).fontSize);
  return Math.round(0.7 * root * ratio);
}

// Round steps of time or frequency: about so many, each 1, 2 or 5 times a power of ten.
export function roundStep(span, count) {
  const raw = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= raw);
}
