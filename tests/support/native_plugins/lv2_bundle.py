"""An LV2 plugin of a few lines of C, mono and stereo: it delays, and misbehaves on request."""

from __future__ import annotations

import subprocess
from pathlib import Path

URI = "urn:restorack-test:lag"
STEREO_URI = "urn:restorack-test:stereo-lag"

DESCRIPTOR = """
typedef struct Descriptor {
    const char *uri;
    void *(*instantiate)(const struct Descriptor *, double, const char *, const void *const *);
    void (*connect_port)(void *, uint32_t, void *);
    void (*activate)(void *);
    void (*run)(void *, uint32_t);
    void (*deactivate)(void *);
    void (*cleanup)(void *);
    const void *(*extension_data)(const char *);
} Descriptor;
"""
"""LV2's own structure, in C: what the bundles of the tests need of its header."""

SOURCE = (
    """
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
"""
    + DESCRIPTOR
    + """
typedef struct Lag { float *port[7]; float ring[2][8192]; float before[2][8192]; uint32_t at; } Lag;
static uint64_t random_bits(void) {
    static uint64_t state;
    if (!state) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        state = (uint64_t)now.tv_nsec * 2 + 1;
    }
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state;
}
static void *instantiate(const Descriptor *d, double rate, const char *b, const void *const *f) {
    return calloc(1, sizeof(Lag));
}
static void connect_port(void *handle, uint32_t port, void *data) {
    ((Lag *)handle)->port[port] = data;
}
static float changed(Lag *lag, int mode, float in, float out) {
    if (mode == 6) out += 1e-3f * ((random_bits() >> 33) * 0x1p-30f - 1.0f);
    if (mode == 8) out = 0;
    if (lag->at < 6000) return out;
    if (mode == 1) abort();
    if (mode == 2) for (volatile int k = 0;; k++) {}
    if (mode == 3) out = NAN;
    if (mode == 4 && fabsf(in) > 0.9f) abort();
    if (mode == 5 && fabsf(in) > 0.3f) abort();
    return out;
}
static void run(void *handle, uint32_t count) {
    Lag *lag = handle;
    uint32_t delay = (uint32_t)*lag->port[2];
    int mode = (int)*lag->port[3];
    *lag->port[4] = mode == 6 ? 100 : delay;
    for (uint32_t i = 0; i < count; i++, lag->at++) {
        for (int side = 0; side < (lag->port[5] ? 2 : 1); side++) {
            float *ring = lag->ring[side], *before = lag->before[side];
            float in = lag->port[side ? 5 : 0][i];
            ring[lag->at % 8192] = in + (mode == 7 ? 0.5f * before[lag->at % 8192] : 0);
            before[lag->at % 8192] = ring[lag->at % 8192];
            float out = ring[(lag->at + 8192 - delay) % 8192];
            lag->port[side ? 6 : 1][i] = changed(lag, mode, in, out);
        }
    }
}
static const Descriptor mono = {
    "urn:restorack-test:lag", instantiate, connect_port, 0, run, 0, free, 0};
static const Descriptor stereo = {
    "urn:restorack-test:stereo-lag", instantiate, connect_port, 0, run, 0, free, 0};
const Descriptor *lv2_descriptor(uint32_t index) {
    return index == 0 ? &mono : index == 1 ? &stereo : 0;
}
"""
)

MANIFEST = """
@prefix lv2: <http://lv2plug.in/ns/lv2core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<urn:restorack-test:lag> a lv2:Plugin ; lv2:binary <lag.so> ; rdfs:seeAlso <lag.ttl> .
<urn:restorack-test:stereo-lag> a lv2:Plugin ; lv2:binary <lag.so> ; rdfs:seeAlso <lag.ttl> .
"""

PREFIXES = """
@prefix doap: <http://usefulinc.com/ns/doap#> .
@prefix lv2: <http://lv2plug.in/ns/lv2core#> .
"""

PORTS = """
<%(uri)s> a lv2:Plugin ; doap:name "Lag" ; lv2:port
  [ a lv2:AudioPort, lv2:InputPort ; lv2:index 0 ; lv2:symbol "in" ; lv2:name "In" ] ,
  [ a lv2:AudioPort, lv2:OutputPort ; lv2:index 1 ; lv2:symbol "out" ; lv2:name "Out" ] ,
  [ a lv2:ControlPort, lv2:InputPort ; lv2:index 2 ; lv2:symbol "lag" ; lv2:name "Lag" ;
    lv2:default %(lag)g ; lv2:minimum 0 ; lv2:maximum 4000 ] ,
  [ a lv2:ControlPort, lv2:InputPort ; lv2:index 3 ; lv2:symbol "mode" ; lv2:name "Mode" ;
    lv2:default %(mode)g ; lv2:minimum 0 ; lv2:maximum 8 ] ,
  [ a lv2:ControlPort, lv2:OutputPort ; lv2:index 4 ; lv2:symbol "latency" ; lv2:name "Latency" ;
    lv2:minimum 0 ; lv2:maximum 4000 ; lv2:designation lv2:latency ;
    lv2:portProperty lv2:reportsLatency ]"""

SECOND_SIDE = """ ,
  [ a lv2:AudioPort, lv2:InputPort ; lv2:index 5 ; lv2:symbol "in2" ; lv2:name "In 2" ] ,
  [ a lv2:AudioPort, lv2:OutputPort ; lv2:index 6 ; lv2:symbol "out2" ; lv2:name "Out 2" ]"""


def install(home: Path, *, lag: float = 300, mode: float = 0) -> None:
    """Build the plugin into a home folder's ``.lv2``, with these defaults.

    Modes after 6000 samples: 1 aborts, 2 hangs, 3 NaN, 4 aborts above 0.9, 5 above 0.3. From the
    beginning: 6 adds noise of -60 dBFS, never the same, and reports 100 samples; 7 rings, halved
    every 8192 samples; 8 is silent.
    """
    bundle = home / ".lv2" / "lag.lv2"
    bundle.mkdir(parents=True)
    (bundle / "manifest.ttl").write_text(MANIFEST)
    one, two = ({"uri": uri, "lag": lag, "mode": mode} for uri in (URI, STEREO_URI))
    description = f"{PREFIXES}{PORTS % one} .\n{PORTS % two}{SECOND_SIDE} .\n"
    (bundle / "lag.ttl").write_text(description)
    (bundle / "lag.c").write_text(SOURCE)
    command = ["gcc", "-shared", "-fPIC", "-o", str(bundle / "lag.so"), str(bundle / "lag.c")]
    subprocess.run(command, check=True, capture_output=True)
