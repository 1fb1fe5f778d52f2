// Matched loudness: what is quieter stays, what is louder is lowered, so nothing can clip.

// The gain of each track in dB. Differences keep their level (it says how much was removed), apart
// from what the listener adds.
export function matchedOffsets(tracks) {
  const heard = tracks.filter((track) => track.kind !== "difference" && track.lufs !== null);
  const target = Math.min(...heard.map((track) => track.lufs));
  return tracks.map((track) =>
    track.kind === "difference" || track.lufs === null ? 0 : target - track.lufs);
}

export function gainsOf(tracks, { matched, boost }) {
  const offsets = matched ? matchedOffsets(tracks) : tracks.map(() => 0);
  return tracks.map((track, index) => {
    const raised = track.kind === "difference" ? boost : 0;
    return 10 ** ((offsets[index] + raised) / 20);
  });
}
