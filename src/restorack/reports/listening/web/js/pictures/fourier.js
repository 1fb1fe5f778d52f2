// The power spectrum of a frame: a radix-2 FFT with a Hann window, tables made once.

export class Fourier {
  constructor(size) {
    this.size = size;
    this.window = new Float32Array(size);
    this.cosine = new Float32Array(size / 2);
    this.sine = new Float32Array(size / 2);
    this.order = new Uint32Array(size);
    const bits = Math.log2(size);
    for (let i = 0; i < size; i += 1) {
      this.window[i] = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size);
      let reversed = 0;
      for (let bit = 0; bit < bits; bit += 1) reversed |= ((i >> bit) & 1) << (bits - 1 - bit);
      this.order[i] = reversed;
    }
    for (let i = 0; i < size / 2; i += 1) {
      this.cosine[i] = Math.cos((2 * Math.PI * i) / size);
      this.sine[i] = -Math.sin((2 * Math.PI * i) / size);
    }
    this.real = new Float32Array(size);
    this.imaginary = new Float32Array(size);
    this.scale = (4 / size) ** 2; // a full-scale sine gives 1
  }

  // Level in dB of each bin, of the frame centred at `middle`; silence beyond the ends.
  levels(samples, middle, out) {
    const { size, real, imaginary } = this;
    const first = middle - size / 2;
    for (let i = 0; i < size; i += 1) {
      const at = first + i;
      const value = at >= 0 && at < samples.length ? samples[at] : 0;
      real[this.order[i]] = value * this.window[i];
    }
    imaginary.fill(0);
    this.transform();
    for (let bin = 0; bin < size / 2; bin += 1) {
      const power = this.scale * (real[bin] * real[bin] + imaginary[bin] * imaginary[bin]);
      out[bin] = 10 * Math.log10(power + 1e-14);
    }
  }

  transform() {
    const { size, real, imaginary, cosine, sine } = this;
    for (let half = 1; half < size; half *= 2) {
      const step = size / (2 * half);
      for (let start = 0; start < size; start += 2 * half) {
        for (let i = 0, turn = 0; i < half; i += 1, turn += step) {
          const a = start + i;
          const b = a + half;
          const re = real[b] * cosine[turn] - imaginary[b] * sine[turn];
          const im = real[b] * sine[turn] + imaginary[b] * cosine[turn];
          real[b] = real[a] - re;
          imaginary[b] = imaginary[a] - im;
          real[a] += re;
          imaginary[a] += im;
        }
      }
    }
  }
}
