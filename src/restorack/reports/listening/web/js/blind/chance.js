// Chance, and what it would have done: shuffles, coins and the binomial test.

export function coin() {
  return crypto.getRandomValues(new Uint8Array(1))[0] & 1;
}

export function shuffled(items) {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i -= 1) {
    const j = below(i + 1);
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}

function below(count) {
  const top = 2 ** 32 - (2 ** 32 % count);
  for (;;) {
    const drawn = crypto.getRandomValues(new Uint32Array(1))[0];
    if (drawn < top) return drawn % count;
  }
}

// The probability of at least so many right answers of `trials` by guessing.
export function guessingProbability(right, trials) {
  let term = 0.5 ** trials; // of none right
  let sum = right <= 0 ? term : 0;
  for (let k = 1; k <= trials; k += 1) {
    term *= (trials - k + 1) / k;
    if (k >= right) sum += term;
  }
  return Math.min(1, sum);
}
