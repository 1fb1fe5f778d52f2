"""Signal processing: arrays, FIR filters, short-time spectra, resampling, dither."""
