// What the page was made with: one JSON block, and audio as base64 text beside it.

import { byId } from "./dom.js";

export function readPage() {
  return JSON.parse(byId("page-data").textContent);
}

export function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

// A segment of a track: inside of the page, or in a script beside it. Files beside it are scripts
// because no browser lets a page from disk read another file.
export function segmentBytes(segment) {
  if (segment.element) return Promise.resolve(bytesOf(byId(segment.element).textContent.trim()));
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    const waiting = (globalThis.restorackSegments ??= {});
    waiting[segment.key] = (base64) => resolve(bytesOf(base64));
    script.src = segment.file;
    script.onerror = () => reject(new Error(`${segment.file} is missing beside the page`));
    script.onload = () => {
      delete waiting[segment.key];
      script.remove();
    };
    document.head.append(script);
  });
}
