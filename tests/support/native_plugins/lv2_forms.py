"""LV2 plugins of other forms, of some C: stereo of mono, notes that share a letter, an instrument.

Their manifest names LV2 by Turtle's empty prefix, as swh-lv2 does.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from native_plugins.lv2_bundle import DESCRIPTOR

PAN = "urn:restorack-test:forms#pan"
TONE = "urn:restorack-test:forms#tone"

SOURCE = f"""
#include <stdint.h>
#include <stdlib.h>
{DESCRIPTOR}
static void *make(const Descriptor *d, double rate, const char *b, const void *const *f) {{
    return calloc(8, sizeof(float *));
}}
static void connect(void *handle, uint32_t port, void *data) {{ ((float **)handle)[port] = data; }}
static void pan(void *handle, uint32_t count) {{
    float **port = handle;
    for (uint32_t i = 0; i < count; i++) {{
        float in = port[0][i];
        port[1][i] = in * *port[3];
        port[2][i] = in * *port[4] * (*port[5] / 1000);
    }}
}}
static void tone(void *handle, uint32_t count) {{
    for (uint32_t i = 0; i < count; i++) ((float **)handle)[0][i] = 0.25f;
}}
static const Descriptor both[] = {{
    {{"{PAN}", make, connect, 0, pan, 0, free, 0}},
    {{"{TONE}", make, connect, 0, tone, 0, free, 0}}}};
const Descriptor *lv2_descriptor(uint32_t index) {{ return index < 2 ? &both[index] : 0; }}
"""

TURTLE = f"""
@prefix : <http://lv2plug.in/ns/lv2core#> .
@prefix doap: <http://usefulinc.com/ns/doap#> .
@prefix units: <http://lv2plug.in/ns/extensions/units#> .
<{PAN}> a :Plugin ; :binary <forms.so> ; doap:name "Pan" ; :port
  [ a :AudioPort, :InputPort ; :index 0 ; :symbol "in" ; :name "In" ] ,
  [ a :AudioPort, :OutputPort ; :index 1 ; :symbol "left" ; :name "Left" ] ,
  [ a :AudioPort, :OutputPort ; :index 2 ; :symbol "right" ; :name "Right" ] ,
  [ a :ControlPort, :InputPort ; :index 3 ; :symbol "c" ; :name "C" ;
    :default 1 ; :minimum 0 ; :maximum 1 ] ,
  [ a :ControlPort, :InputPort ; :index 4 ; :symbol "cs" ; :name "C#" ;
    :default 1 ; :minimum 0 ; :maximum 1 ] ,
  [ a :ControlPort, :InputPort ; :index 5 ; :symbol "split" ; :name "Split" ;
    :default 1000 ; :minimum 10 ; :maximum 18000 ; units:unit units:hz ] .
<{TONE}> a :Plugin , :InstrumentPlugin ; :binary <forms.so> ; doap:name "Tone" ; :port
  [ a :AudioPort, :OutputPort ; :index 0 ; :symbol "out" ; :name "Out" ] .
"""


def install(home: Path) -> None:
    """Build both into a home folder's ``.lv2``."""
    bundle = home / ".lv2" / "forms.lv2"
    bundle.mkdir(parents=True)
    (bundle / "manifest.ttl").write_text(TURTLE)
    (bundle / "forms.c").write_text(SOURCE)
    command = ["gcc", "-shared", "-fPIC", "-o", str(bundle / "forms.so"), str(bundle / "forms.c")]
    subprocess.run(command, check=True, capture_output=True)
