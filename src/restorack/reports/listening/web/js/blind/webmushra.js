// The configuration of a listening test for webMUSHRA. Every text is a quoted scalar, which JSON's
// strings are, and what webMUSHRA shows as HTML is escaped.

const escaped = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const quoted = (text) => JSON.stringify(text);

export function webMushraText(recording, reference) {
  const heard = recording.tracks.filter((track) => track.kind !== "difference");
  const chosen = recording.tracks[reference] ?? heard[0];
  const path = (track) => quoted(`configs/resources/audio/${track.id}.wav`);
  const stimuli = heard.filter((track) => track !== chosen)
    .map((track) => `      ${quoted(track.id)}: ${path(track)}`);
  return [
    `testname: ${quoted(`Restoration of ${recording.name}`)}`,
    'testId: "restorack"',
    "bufferSize: 2048",
    "stopOnErrors: true",
    "showButtonPreviousPage: true",
    'remoteService: "service/write.php"',
    "pages:",
    "  - type: mushra",
    '    id: "trial1"',
    `    name: ${quoted(escaped(recording.name))}`,
    `    content: ${quoted("Rate the quality of each version against the reference.")}`,
    "    showWaveform: true",
    "    enableLooping: true",
    "    createAnchor35: false",
    "    createAnchor70: false",
    `    reference: ${path(chosen)}`,
    "    stimuli:",
    ...stimuli,
    "  - type: finish",
    '    name: "Thank you"',
    '    content: "The ratings are saved."',
    "    showResults: true",
    "    writeResults: true",
    "",
  ].join("\n");
}
