// The blind test: X is A or B by the toss of a coin; who hears a difference answers more than half.

import { coin, guessingProbability } from "./chance.js";
import { announce, byId, element } from "../dom.js";
import { csvText, download } from "./download.js";

export class AbxTest {
  constructor(a, b, trials) {
    Object.assign(this, { a, b, trials, answers: [] });
    this.next();
  }

  next() {
    this.x = coin() ? "a" : "b";
  }

  track(letter) {
    return this[letter === "x" ? this.x : letter];
  }

  answer(letter) {
    this.answers.push({ truth: this.x, answer: letter });
    if (!this.isOver) this.next();
  }

  get right() {
    return this.answers.filter(({ truth, answer }) => truth === answer).length;
  }

  get isOver() {
    return this.answers.length >= this.trials;
  }

  get probability() {
    return guessingProbability(this.right, this.answers.length);
  }
}

export function buildAbx(session) {
  const { recording } = session;
  const [pickA, pickB] = [byId("abx-a"), byId("abx-b")];
  for (const pick of [pickA, pickB])
    pick.replaceChildren(...recording.tracks.map((track, index) =>
      element("option", { value: index }, track.label)));
  pickA.value = 0;
  pickB.value = Math.min(1, recording.tracks.length - 1);
  const start = () => {
    if (pickA.value === pickB.value) return announce("choose two different tracks");
    runAbx(session, new AbxTest(Number(pickA.value), Number(pickB.value), Number(byId("abx-trials").value)));
  };
  byId("abx-start").onclick = start;
  byId("abx-run").hidden = true;
  byId("abx-result").textContent = "";
  byId("abx-export").hidden = true;
}

function runAbx(session, test) {
  const letters = ["a", "b", "x"];
  const hear = (letter) => {
    for (const other of letters)
      byId(`abx-hear-${other}`).setAttribute("aria-pressed", other === letter);
    session.hearBlind(test.track(letter));
  };
  const answer = (letter) => {
    test.answer(letter);
    if (test.isOver) return endAbx(session, test);
    hear("x");
    showAbx(test);
    announce(`trial ${test.answers.length + 1} of ${test.trials}`);
  };
  for (const letter of letters) byId(`abx-hear-${letter}`).onclick = () => hear(letter);
  for (const letter of ["a", "b"]) byId(`abx-is-${letter}`).onclick = () => answer(letter);
  byId("abx-stop").onclick = () => endAbx(session, test);
  session.beginBlind({ a: () => hear("a"), b: () => hear("b"), x: () => hear("x") });
  byId("abx-run").hidden = false;
  byId("abx-setup").hidden = true;
  byId("abx-result").textContent = "";
  byId("abx-export").hidden = true;
  showAbx(test);
  hear("x");
  byId("abx-hear-x").focus();
  session.player.play();
}

function showAbx(test) {
  byId("abx-progress").textContent = `Trial ${test.answers.length + 1} of ${test.trials}`;
}

function endAbx(session, test) {
  session.endBlind();
  byId("abx-run").hidden = true;
  byId("abx-setup").hidden = false;
  const count = test.answers.length;
  const text = count ? resultText(test) : "Stopped before the first answer.";
  byId("abx-result").textContent = text;
  announce(text);
  byId("abx-export").hidden = count === 0;
  byId("abx-export").onclick = () => exportAbx(session, test);
  byId("abx-start").focus();
}

export function resultText(test) {
  const p = test.probability;
  const shown = p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(3)}`;
  const meaning = p < 0.05 ? "a difference was heard" : "no difference was shown";
  return `${test.right} of ${test.answers.length} right, ${shown}: ${meaning}.`;
}

function exportAbx({ recording }, test) {
  const names = { a: recording.tracks[test.a].label, b: recording.tracks[test.b].label };
  const rows = test.answers.map(({ truth, answer }, index) =>
    [recording.name, index + 1, names.a, names.b, names[truth], names[answer], truth === answer ? 1 : 0]);
  const heads = ["recording", "trial", "a", "b", "x_was", "answer", "right"];
  rows.push([recording.name, "all", names.a, names.b, "", `p=${test.probability.toFixed(6)}`, test.right]);
  download("abx.csv", [csvText(heads, rows)], "text/csv");
}
