"""An LV2 plugin of a few lines of C: delays, reports it as latency, and misbehaves on request."""

from __future__ import annotations

import subprocess
from pathlib import Path

URI = "urn:restorack-test:lag"

SOURCE = """
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
typedef struct Lag { float *port[5]; float ring[8192]; uint32_t at; } Lag;
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
static void *instantiate(const Descriptor *d, double rate, const char *b, const void *const *f) {
    return calloc(1, sizeof(Lag));
}
static void connect_port(void *handle, uint32_t port, void *data) {
    ((Lag *)handle)->port[port] = data;
}
static void run(void *handle, uint32_t count) {
    Lag *lag = handle;
    uint32_t delay = (uint32_t)*lag->port[2];
    int mode = (int)*lag->port[3];
    *lag->port[4] = delay;
    for (uint32_t i = 0; i < count; i++, lag->at++) {
        lag->ring[lag->at % 8192] = lag->port[0][i];
        lag->port[1][i] = lag->ring[(lag->at + 8192 - delay) % 8192];
        if (lag->at < 6000) continue;
        if (mode == 1) abort();
        if (mode == 2) for (volatile int k = 0;; k++) {}
        if (mode == 3) lag->port[1][i] = NAN;
        if (mode == 4 && fabsf(lag->port[0][i]) > 0.9f) abort();
        if (mode == 5 && fabsf(lag->port[0][i]) > 0.3f) abort();
    }
}
static const Descriptor descriptor = {
    "urn:restorack-test:lag", instantiate, connect_port, 0, run, 0, free, 0};
const Descriptor *lv2_descriptor(uint32_t index) { return index == 0 ? &descriptor : 0; }
"""

MANIFEST = """
@prefix lv2: <http://lv2plug.in/ns/lv2core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<urn:restorack-test:lag> a lv2:Plugin ; lv2:binary <lag.so> ; rdfs:seeAlso <lag.ttl> .
"""

DESCRIPTION = """
@prefix doap: <http://usefulinc.com/ns/doap#> .
@prefix lv2: <http://lv2plug.in/ns/lv2core#> .
<urn:restorack-test:lag> a lv2:Plugin ; doap:name "Lag" ; lv2:port
  [ a lv2:AudioPort, lv2:InputPort ; lv2:index 0 ; lv2:symbol "in" ; lv2:name "In" ] ,
  [ a lv2:AudioPort, lv2:OutputPort ; lv2:index 1 ; lv2:symbol "out" ; lv2:name "Out" ] ,
  [ a lv2:ControlPort, lv2:InputPort ; lv2:index 2 ; lv2:symbol "lag" ; lv2:name "Lag" ;
    lv2:default 300 ; lv2:minimum 0 ; lv2:maximum 4000 ] ,
  [ a lv2:ControlPort, lv2:InputPort ; lv2:index 3 ; lv2:symbol "mode" ; lv2:name "Mode" ;
    lv2:default 0 ; lv2:minimum 0 ; lv2:maximum 5 ] ,
  [ a lv2:ControlPort, lv2:OutputPort ; lv2:index 4 ; lv2:symbol "latency" ; lv2:name "Latency" ;
    lv2:minimum 0 ; lv2:maximum 4000 ; lv2:designation lv2:latency ;
    lv2:portProperty lv2:reportsLatency ] .
"""


def install(home: Path) -> None:
    """Build the plugin into a home folder's ``.lv2``."""
    bundle = home / ".lv2" / "lag.lv2"
    bundle.mkdir(parents=True)
    (bundle / "manifest.ttl").write_text(MANIFEST)
    (bundle / "lag.ttl").write_text(DESCRIPTION)
    (bundle / "lag.c").write_text(SOURCE)
    command = ["gcc", "-shared", "-fPIC", "-o", str(bundle / "lag.so"), str(bundle / "lag.c")]
    subprocess.run(command, check=True, capture_output=True)
