// Which part of the recording is drawn, in samples. Everything that draws follows it.

export class View extends EventTarget {
  constructor(length, rate) {
    super();
    this.length = length;
    this.shortest = Math.min(length, Math.round(0.01 * rate));
    this.first = 0;
    this.last = length;
  }

  get span() {
    return this.last - this.first;
  }

  get isWhole() {
    return this.span >= this.length;
  }

  show(first, span) {
    const wanted = Math.min(this.length, Math.max(this.shortest, span));
    this.first = Math.round(Math.min(Math.max(0, first), this.length - wanted));
    this.last = this.first + Math.round(wanted);
    this.dispatchEvent(new Event("change"));
  }

  // Zoom so that what lies under `sample` stays where it is.
  zoom(factor, sample) {
    const share = (sample - this.first) / this.span;
    const span = Math.min(this.length, Math.max(this.shortest, this.span / factor));
    this.show(sample - share * span, span);
  }

  scroll(samples) {
    this.show(this.first + samples, this.span);
  }

  // Turn the page where the playhead has left the view.
  follow(sample) {
    if (!this.isWhole && (sample < this.first || sample >= this.last))
      this.show(sample - 0.05 * this.span, this.span);
  }
}
